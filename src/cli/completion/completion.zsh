#compdef osbot
# zsh completion for osbot, made by `osbot completion zsh` of the command's own tree.
# For one shell: source <(osbot completion zsh)

_osbot_function_names() {
    local -a names
    names=(${(f)"$(osbot function-names 2>/dev/null)"})
    compadd -a names
}

_osbot_payload() {
    compset -P @ && _files
}

# [table]
if [[ $funcstack[1] == _osbot ]]; then
    _osbot "$@"
else
    compdef _osbot osbot
fi
