import { outputOptions } from '../connection/connection-options.js';
import { defineCommand } from '../runner/command.js';

export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'Writes a script that lets a shell complete commands, options and remote paths',
  details: [
    'The shells are bash, zsh, fish and powershell',
    'Remote paths are those of servers that answer within 1 s, without a question for a password. They are remembered for 5 s',
  ],
  arguments: [
    { name: 'shell', summary: 'The shell', isRequired: true },
    {
      name: 'word',
      summary: 'For the script: the words behind socket-ftp up to the cursor, each with = before it',
      isRequired: false,
      isVariadic: true,
    },
  ],
  options: outputOptions,
  examples: [
    {
      line: 'source <(socket-ftp completion bash)',
      does: 'Completes in this bash; put the line into ~/.bashrc',
    },
    { line: 'source <(socket-ftp completion zsh)', does: 'The same for zsh and ~/.zshrc, behind compinit' },
    {
      line: 'socket-ftp completion fish > ~/.config/fish/completions/socket-ftp.fish',
      does: 'Completes in fish',
    },
    {
      line: 'socket-ftp completion powershell | Out-String | Invoke-Expression',
      does: 'Completes in PowerShell; put the line into $PROFILE',
    },
  ],
  exitCodes: [],
});
