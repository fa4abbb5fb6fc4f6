/**
 * The scripts of `completion`. Each calls `socket-ftp completion <shell> -- =word ...`, which answers with a line that says
 * how to complete (`words`, `open`: without a space behind it, `files`: by the shell), and a line for each candidate.
 *
 * Words and candidates are data: no script evaluates them, as `eval` and `compgen -W` of bash would. Names come from a peer.
 */

/** bash splits words at some of : = @, and replaces only what follows. */
const bash = `# Completion of socket-ftp for bash
_socket_ftp() {
  local text=\${COMP_LINE:0:COMP_POINT} kind='' line value cur prefix=''
  local -a words given
  read -r -a words <<<"$text"
  [[ $text == *[[:space:]] ]] && words+=('')
  given=("\${words[@]:1}")
  cur=\${words[\${#words[@]}-1]}
  [[ $COMP_WORDBREAKS == *:* ]] && prefix=\${cur%"\${cur##*[:=@]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; continue; fi
    value=\${line%%$'\\t'*}
    COMPREPLY+=("\${value:\${#prefix}}")
  done < <(socket-ftp completion bash -- "\${given[@]/#/=}" 2>/dev/null)
  case $kind in
    open) compopt -o nospace 2>/dev/null ;;
    files) ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o default -F _socket_ftp socket-ftp
`;

const zsh = `#compdef socket-ftp
# Completion of socket-ftp for zsh
_socket_ftp() {
  local -a given lines values
  given=("\${(@)words[2,CURRENT]}")
  lines=("\${(@f)$(socket-ftp completion zsh -- "\${(@)given/#/=}" 2>/dev/null)}")
  values=("\${(@)\${(@)lines[2,-1]}%%$'\\t'*}")
  case $lines[1] in
    open) compadd -S '' -- "\${(@)values}" ;;
    files) (( $#lines > 1 )) && compadd -S '' -- "\${(@)values}"; _files ;;
    *) (( $#lines > 1 )) && compadd -- "\${(@)values}" ;;
  esac
}
compdef _socket_ftp socket-ftp
`;

const fish = `# Completion of socket-ftp for fish
function __socket_ftp_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (socket-ftp completion fish -- "="$words[2..-1] 2>/dev/null)
    test (count $lines) -gt 0; or return
    if test "$lines[1]" = files
        __fish_complete_path (commandline -ct)
    end
    test (count $lines) -gt 1; and printf '%s\\n' $lines[2..-1]
end
complete -c socket-ftp -f -a '(__socket_ftp_complete)'
`;

/** A word in quotes is its value. Without candidates, PowerShell completes files by itself. The shim of npm swallows the `--`. */
const powershell = `# Completion of socket-ftp for PowerShell
Register-ArgumentCompleter -Native -CommandName socket-ftp -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
    ForEach-Object { if ($_.Value -is [string]) { "=$($_.Value)" } else { "=$($_.Extent.Text)" } })
  if ($wordToComplete -eq '') { $words += '=' }
  $lines = @(socket-ftp completion powershell -- @words 2>$null)
  $lines | Select-Object -Skip 1 | ForEach-Object {
    $value, $text = $_ -split "\`t", 2
    if (-not $text) { $text = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $text)
  }
}
`;

/** A script for each shell, by its name. */
export const shellScripts: Readonly<Record<string, string>> = { bash, zsh, fish, powershell };
