export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Each asks the program itself, so that they never grow old. A line of its answer is a word, a tab and what it means. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# fogbow: put this into ~/.bashrc:  eval "$(fogbow completion bash)"
_fogbow_complete() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done < <(fogbow __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _fogbow_complete fogbow
`,
  zsh: `#compdef fogbow
# fogbow: put this into ~/.zshrc behind compinit:  eval "$(fogbow completion zsh)"
_fogbow_complete() {
  local line word
  local -a found
  while IFS= read -r line; do
    word="\${line%%$'\\t'*}"
    if [[ "$line" == *$'\\t'* ]]; then found+=("\${word//:/\\\\:}:\${line#*$'\\t'}"); else found+=("\${word//:/\\\\:}"); fi
  done < <(fogbow __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#found} )); then _describe 'fogbow' found; else _files; fi
}
compdef _fogbow_complete fogbow
`,
  fish: `# fogbow: put this into ~/.config/fish/completions/fogbow.fish:  fogbow completion fish > FILE
function __fogbow_complete
  set -l words (commandline -opc)
  set -l found (fogbow __complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if set -q found[1]
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c fogbow -f -a '(__fogbow_complete)'
`,
};

export const completionScript = (shell: Shell): string => SCRIPTS[shell];
