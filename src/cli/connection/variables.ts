/** The variables of the environment that the program reads, and what they mean. */
export const variables = {
  SOCKET_FTP_PASSWORD: 'The password of the user in the URL. `--password-file` has precedence',
  SOCKET_FTP_TOKEN: 'A bearer token. `--token-file` and `--password-file` have precedence',
  SOCKET_FTP_CA: 'As `--ca`',
  NO_COLOR: 'Without colours, if it is not empty',
} as const;
