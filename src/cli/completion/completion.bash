# bash completion for osbot, made by `osbot completion bash` of the command's own tree.
# For one shell: source <(osbot completion bash)

_osbot_words() { COMPREPLY=($(compgen -W "$1" -- "$_osbot_word")); }
_osbot_functions() { _osbot_words "$("$_osbot_program" function-names 2>/dev/null)"; }
_osbot_nothing() { COMPREPLY=(); }
_osbot_folders() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -d -- "$_osbot_word"))
}
_osbot_files() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$_osbot_word"))
}

# Sets commands, flags and valued of the command $2; completes the value of its option or argument number $1.
_osbot_table() {
    case $2 in
# [table]
    esac
}

_osbot() {
    local _osbot_program=$1 _osbot_word=${COMP_WORDS[COMP_CWORD]}
    local command=osbot commands flags valued common_flags common_valued position=0 value_of= word i
    COMPREPLY=()
    _osbot_table '' osbot
    common_flags=$flags common_valued=$valued
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ -n $value_of ]]; then
            [[ $word == = ]] || value_of= # bash splits --option=value into three words
        elif [[ " $valued $common_valued " == *" $word "* ]]; then
            value_of=$word
        elif [[ $word == -?* || $word == @ ]]; then
            : # bash splits @file into two words
        elif [[ " $commands " == *" $word "* ]]; then
            command+=" $word"
            _osbot_table '' "$command"
        else
            ((position++))
        fi
    done
    [[ $_osbot_word == [=@] ]] && _osbot_word=
    if [[ -n $value_of ]]; then
        _osbot_table "$value_of" "$command"
    elif [[ $_osbot_word == -* ]]; then
        _osbot_words "$flags $valued $common_flags $common_valued"
    elif [[ -n $commands ]]; then
        _osbot_words "$commands"
    else
        _osbot_table $((position + 1)) "$command"
    fi
}
complete -F _osbot osbot
