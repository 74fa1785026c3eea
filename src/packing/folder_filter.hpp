#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace osbot_aws::packing {

/// Selects the files of a folder that are added to a package. The patterns have the syntax of .gitignore.
struct Folder_Rules {
    std::vector<std::string> ignore = {};   ///< exclude what matches
    std::vector<std::string> include = {};  ///< add what matches, although it is excluded
    bool defaults = true;                   ///< apply the built-in patterns and the folder's .osbotignore
};

/// Decides which paths of a folder are excluded from a package.
///
/// The last pattern that matches decides, in this order: the default patterns, the .osbotignore file in the folder,
/// Folder_Rules::ignore. A folder with a pyvenv.cfg, a virtual environment, is excluded under any name. A pattern of
/// Folder_Rules::include wins over all of them. As in git, a pattern without a slash does not reach into an excluded
/// folder; name the path instead.
/// Source: https://git-scm.com/docs/gitignore
class Folder_Filter {
public:
    /// Errors: FileError if .osbotignore cannot be read or is larger than 1 MB; InvalidPattern.
    static Result<Folder_Filter> create(const std::filesystem::path& folder, const Folder_Rules& rules);

    /// Returns whether a path, relative to the folder, or one of its parents is excluded.
    bool excludes(const std::filesystem::path& relative, bool is_folder) const;
    /// Like excludes(), if it is known whether the parent is excluded.
    bool excludes(const std::filesystem::path& relative, bool is_folder, bool parent_excluded) const;
    /// Returns whether an excluded folder may contain a path of Folder_Rules::include.
    bool has_included_below(const std::filesystem::path& relative) const;
    /// Returns whether the file that a link points to is excluded: the link is then excluded as well, because a package
    /// contains the target of a link that leads outside.
    bool excludes_target(const std::filesystem::path& link) const;

private:
    struct Part {
        std::string text;
        bool wildcard = false;  ///< false: the text is compared as it is
    };
    struct Pattern {
        std::vector<Part> parts;
        bool negated = false, folders_only = false, anchored = false;
    };

    static Result<Pattern> parse(std::string_view text);
    static bool matches(const Pattern& pattern, const std::vector<std::string>& path, bool is_folder);
    Result<void> add(std::vector<Pattern>& list, std::string_view text);
    Result<void> add_file(const std::filesystem::path& file);
    bool ignores(const std::vector<std::string>& path, bool is_folder) const;
    bool includes(const std::vector<std::string>& path, bool is_folder, bool anchored_only) const;

    std::filesystem::path folder_;  ///< canonical
    bool defaults_ = true;
    std::vector<Pattern> ignore_, include_;
};

}  // namespace osbot_aws::packing
