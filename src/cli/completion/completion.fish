# fish completion for osbot, made by `osbot completion fish` of the command's own tree.
# For one shell: osbot completion fish | source

function __osbot_function_names
    osbot function-names 2>/dev/null
end

# Whether the command that is typed is just this one: osbot_local_start
function __osbot_at
    set -l at osbot
    for word in (commandline -opc)[2..-1]
        if contains -- {$at}_$word $__osbot_commands
            set at {$at}_$word
        end
    end
    test $at = $argv[1]
end

complete -c osbot -f
# [table]
