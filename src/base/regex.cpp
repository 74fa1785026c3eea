#include "base/regex.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/unicode_classes.hpp"
#include "base/utf8.hpp"

namespace osbot_aws::base {
namespace {

constexpr char32_t character_max = 0x10FFFF;
constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t repetitions_max = 1000;  // AWS's largest is 248

/// A part of a pattern.
struct Regex_Node {
    enum class Kind {
        character_class,
        start,
        end,
        boundary,
        no_boundary,
        sequence,
        alternatives,
        repetition,
        group
    } kind;
    std::vector<Regex_Node> children = {};
    std::uint32_t min = 0, max = 0;  ///< repetition
    std::size_t class_index = 0;     ///< character_class
    std::uint32_t group = 0;         ///< group: its number, from 1
    bool is_lazy = false;            ///< repetition
};

}  // namespace

bool Regex::Class::contains(char32_t character) const {
    const auto after = std::ranges::upper_bound(ranges, character, {}, &Range::first);
    return (after != ranges.begin() && std::prev(after)->second >= character) != negated;
}

/// Parses a pattern by recursive descent, and turns it into the states of an automaton (Thompson's construction).
class Regex::Compiler {
public:
    Compiler(std::string_view pattern, bool for_search) : pattern_(pattern), rest_(pattern), for_search_(for_search) {}

    Result<Regex> run() {
        ignores_case_ = for_search_ && take_prefix(rest_, "(?i)");
        const Regex_Node whole = alternatives();
        if (!error_ && !rest_.empty()) fail("unexpected ')'");
        if (error_) return *error_;
        const std::uint32_t accepted = add({.kind = Kind::accepted});
        regex_.first_ = emit(whole, accepted);
        if (for_search_ && regex_.states_.size() * (regex_.group_names_.size() + 1) > search_max)
            fail("too many states and groups");
        if (error_) return *error_;
        return std::move(regex_);
    }

private:
    using Node = Regex_Node;

    void fail(std::string_view reason) {
        if (error_) return;
        error_ = Error{"InvalidPattern", fmt::format("{} at character {} of the pattern '{}'", reason,
                                                     pattern_.size() - rest_.size(), pattern_)};
    }

    bool at_end() const { return rest_.empty() || error_; }

    // ---- parsing ----

    Node alternatives() {
        Node node{.kind = Node::Kind::alternatives, .children = {sequence()}};
        while (!at_end() && take_prefix(rest_, "|")) node.children.push_back(sequence());
        return node.children.size() == 1 ? std::move(node.children.front()) : node;
    }

    Node sequence() {
        Node node{.kind = Node::Kind::sequence};
        while (!at_end() && rest_[0] != '|' && rest_[0] != ')') {
            Node item = atom();
            for (std::size_t count = 0; !at_end() && is_quantifier(); ++count) {
                if (count == quantifiers_max) fail("too many quantifiers");
                item = quantified(std::move(item));
                item.is_lazy = for_search_ && take_prefix(rest_, "?");
            }
            node.children.push_back(std::move(item));
        }
        return node;
    }

    Node atom() {
        if (take_prefix(rest_, "(")) return group();
        if (take_prefix(rest_, "[")) return bracketed();
        if (take_prefix(rest_, "^")) return {.kind = Node::Kind::start};
        if (take_prefix(rest_, "$")) return {.kind = Node::Kind::end};
        if (for_search_ && take_prefix(rest_, "\\b")) return {.kind = Node::Kind::boundary};
        if (for_search_ && take_prefix(rest_, "\\B")) return {.kind = Node::Kind::no_boundary};
        if (take_prefix(rest_, ".")) return of_class({.ranges = {{U'\n', U'\n'}}, .negated = true});
        Class one;
        if (is_quantifier()) fail("nothing to repeat");
        add_item(one);
        return of_class(std::move(one));
    }

    Node group() {
        const bool captures = !take_prefix(rest_, "?:") && for_search_;
        const std::uint32_t number = captures ? add_group() : 0;
        if (++depth_ > depth_max) fail("groups are nested too deeply");
        Node node = at_end() ? Node{.kind = Node::Kind::sequence} : alternatives();
        --depth_;
        if (!take_prefix(rest_, ")")) fail("missing ')'");
        if (!captures) return node;
        Node whole{.kind = Node::Kind::group};
        whole.group = number;
        whole.children.push_back(std::move(node));
        return whole;
    }

    std::uint32_t add_group() {
        std::string name;
        if (take_prefix(rest_, "?<") || take_prefix(rest_, "?P<")) {
            if (rest_.find('>') == std::string_view::npos) fail("the name of a group has no end");
            name = take_until(rest_, '>');
            if (!consists_of(name, is_name_character)) fail("invalid name of a group");
        }
        if (regex_.group_names_.size() == groups_max) return fail("too many groups"), 0U;
        regex_.group_names_.push_back(std::move(name));
        return static_cast<std::uint32_t>(regex_.group_names_.size());
    }

    bool is_quantifier() const {
        return !rest_.empty() && (std::string_view("*+?").find(rest_[0]) != std::string_view::npos ||
                                  (rest_[0] == '{' && rest_.size() > 1 && is_digit(rest_[1])));
    }

    Node quantified(Node item) {
        Node node{.kind = Node::Kind::repetition, .children = {}, .min = 0, .max = unlimited};
        node.children.push_back(std::move(item));
        if (take_prefix(rest_, "*")) return node;
        if (take_prefix(rest_, "+")) return node.min = 1, node;
        if (take_prefix(rest_, "?")) return node.max = 1, node;
        take_prefix(rest_, "{");
        std::string_view counts = take_until(rest_, '}');
        const bool exact = counts.find(',') == std::string_view::npos;
        const auto least = parse_number<std::uint32_t>(take_until(counts, ','));
        const auto most = exact            ? least
                          : counts.empty() ? std::optional(unlimited)
                                           : parse_number<std::uint32_t>(counts);
        if (!least || !most || *least > *most || *least > repetitions_max ||
            (*most > repetitions_max && *most != unlimited)) {
            fail("invalid repetition");
            return node;
        }
        node.min = *least, node.max = *most;
        return node;
    }

    Node bracketed() {
        Class items;
        items.negated = take_prefix(rest_, "^");
        if (rest_.starts_with(']')) fail("empty class");
        while (!at_end() && rest_[0] != ']') add_range_or_item(items);
        if (!take_prefix(rest_, "]")) fail("missing ']'");
        return of_class(std::move(items));
    }

    // A '-' is a range only between two characters: [a-zA-Z0-9-_] and [\w-_] contain it.
    void add_range_or_item(Class& items) {
        const auto first = add_item(items);
        if (!first || rest_.size() < 2 || rest_[0] != '-' || rest_[1] == ']') return;
        take_prefix(rest_, "-");
        const auto last = add_item(items);
        if (!last || *last < *first) return fail("invalid range");
        items.ranges.emplace_back(*first, *last);
    }

    /// Adds the next character, or the characters of the next escape. Returns the character, if it is one.
    std::optional<char32_t> add_item(Class& items) {
        if (rest_.starts_with('\\')) return add_escape(items);
        const auto character = take_utf8(rest_);
        if (!character) return fail("invalid UTF-8"), std::nullopt;
        items.ranges.emplace_back(*character, *character);
        return character;
    }

    std::optional<char32_t> add_escape(Class& items) {
        take_prefix(rest_, "\\");
        if (rest_.empty()) return fail("incomplete escape"), std::nullopt;
        const char letter = rest_[0];
        rest_.remove_prefix(1);
        const auto ranges = for_search_ && is_negated_class(letter) ? ranges_of_others(letter) : ranges_of(letter);
        if (!ranges.empty()) return items.ranges.insert(items.ranges.end(), ranges.begin(), ranges.end()), std::nullopt;
        if (letter == 'p') return add_property(items), std::nullopt;
        const auto control = for_search_ ? control_of(letter) : U'\0';
        if (is_alphanumeric(letter) && letter != 'x' && letter != 'u' && control == U'\0') fail("unknown escape");
        const auto character = letter == 'x'      ? hex_digits(2)
                               : letter == 'u'    ? hex_digits(4)
                               : control != U'\0' ? control
                                                  : char32_t(static_cast<unsigned char>(letter));
        items.ranges.emplace_back(character, character);
        return character;
    }

    static std::span<const Range> ranges_of(char letter) {
        static constexpr std::array<Range, 1> digits{{{U'0', U'9'}}};
        static constexpr std::array<Range, 4> word{{{U'0', U'9'}, {U'A', U'Z'}, {U'_', U'_'}, {U'a', U'z'}}};
        static constexpr std::array<Range, 2> space{{{U'\t', U'\r'}, {U' ', U' '}}};
        static constexpr std::array<Range, 3> other{{{0, U'\t' - 1}, {U'\r' + 1, U' ' - 1}, {U' ' + 1, character_max}}};
        switch (letter) {
            case 'd':
                return digits;
            case 'w':
                return word;
            case 's':
                return space;
            case 'S':
                return other;
            default:
                return {};
        }
    }

    static char32_t control_of(char letter) {
        return letter == 'n' ? U'\n' : letter == 'r' ? U'\r' : letter == 't' ? U'\t' : U'\0';
    }

    static bool is_negated_class(char letter) { return letter == 'D' || letter == 'W'; }

    static std::span<const Range> ranges_of_others(char letter) {
        static constexpr std::array<Range, 2> digits{{{0, U'0' - 1}, {U'9' + 1, character_max}}};
        static constexpr std::array<Range, 5> word{{{0, U'0' - 1},
                                                    {U'9' + 1, U'A' - 1},
                                                    {U'Z' + 1, U'_' - 1},
                                                    {U'_' + 1, U'a' - 1},
                                                    {U'z' + 1, character_max}}};
        return letter == 'D' ? std::span<const Range>(digits) : std::span<const Range>(word);
    }

    /// Adds the letters A-Z and a-z of the other case.
    static void add_other_case(Class& items) {
        const std::vector<Range> ranges = items.ranges;
        constexpr int between_cases = U'a' - U'A';
        for (const auto& [low, high] : ranges) {
            for (const bool is_upper : {true, false}) {
                const char32_t from = std::max(low, is_upper ? U'A' : U'a'),
                               to = std::min(high, is_upper ? U'Z' : U'z');
                const int shift = is_upper ? between_cases : -between_cases;
                if (from <= to)
                    items.ranges.emplace_back(char32_t(static_cast<int>(from) + shift),
                                              char32_t(static_cast<int>(to) + shift));
            }
        }
    }

    void add_property(Class& items) {
        if (rest_.size() < 3 || rest_[0] != '{' || rest_[2] != '}') return fail("unknown property");
        const auto ranges = unicode_class(rest_[1]);
        if (ranges.empty()) return fail("unknown property");
        rest_.remove_prefix(3);
        items.ranges.insert(items.ranges.end(), ranges.begin(), ranges.end());
    }

    char32_t hex_digits(std::size_t count) {
        std::uint32_t value = 0;
        const char* const end = rest_.data() + std::min(count, rest_.size());
        const auto parsed = std::from_chars(rest_.data(), end, value, 16);
        if (parsed.ec != std::errc() || parsed.ptr != rest_.data() + count)
            return fail("invalid number of a character"), U'\0';
        rest_.remove_prefix(count);
        return value;
    }

    Node of_class(Class items) {
        if (ignores_case_) add_other_case(items);
        std::ranges::sort(items.ranges);
        std::vector<Range> merged;
        for (const Range& range : items.ranges) {
            if (!merged.empty() && range.first <= merged.back().second + 1)
                merged.back().second = std::max(merged.back().second, range.second);
            else
                merged.push_back(range);
        }
        items.ranges = std::move(merged);
        regex_.classes_.push_back(std::move(items));
        return {.kind = Node::Kind::character_class, .children = {}, .class_index = regex_.classes_.size() - 1};
    }

    // ---- states ----

    std::uint32_t add(State state) {
        if (regex_.states_.size() >= states_max) fail("too many states");
        if (!error_) regex_.states_.push_back(state);
        return static_cast<std::uint32_t>(regex_.states_.size() - 1);
    }

    /// Adds the states of a part before the state `next`. Returns the first one.
    std::uint32_t emit(const Node& node, std::uint32_t next) {
        if (++parts_ > parts_max) fail("too many repetitions");
        if (error_) return next;
        switch (node.kind) {
            case Node::Kind::start:
                return add({.kind = Kind::start, .next = next});
            case Node::Kind::end:
                return add({.kind = Kind::end, .next = next});
            case Node::Kind::boundary:
                return add({.kind = Kind::boundary, .next = next});
            case Node::Kind::no_boundary:
                return add({.kind = Kind::no_boundary, .next = next});
            case Node::Kind::group:
                next = add({.kind = Kind::save, .next = next, .other = 2 * node.group + 1});
                next = emit(node.children.front(), next);
                return add({.kind = Kind::save, .next = next, .other = 2 * node.group});
            case Node::Kind::character_class:
                return add({.kind = Kind::character_class, .next = next, .other = std::uint32_t(node.class_index)});
            case Node::Kind::sequence:
                for (auto child = node.children.rbegin(); child != node.children.rend(); ++child)
                    next = emit(*child, next);
                return next;
            case Node::Kind::alternatives:
                return emit_alternatives(node, next);
            case Node::Kind::repetition:
                return emit_repetition(node, next);
        }
        return next;
    }

    std::uint32_t emit_alternatives(const Node& node, std::uint32_t next) {
        std::uint32_t first = emit(node.children.back(), next);
        for (auto child = std::next(node.children.rbegin()); child != node.children.rend(); ++child) {
            const std::uint32_t other = emit(*child, next);
            first = add({.kind = Kind::split, .next = other, .other = first});
        }
        return first;
    }

    std::uint32_t emit_repetition(const Node& node, const std::uint32_t next) {
        const Node& item = node.children.front();
        std::uint32_t first = next;
        if (node.max == unlimited) {
            first = add({.kind = Kind::split, .next = next, .other = next});
            const std::uint32_t body = emit(item, first);
            (node.is_lazy ? regex_.states_[first].other : regex_.states_[first].next) = body;
        } else {
            for (std::uint32_t i = node.min; i < node.max && !error_; ++i) {
                const std::uint32_t body = emit(item, first);
                first = add({.kind = Kind::split, .next = body, .other = next});
                if (node.is_lazy) std::swap(regex_.states_[first].next, regex_.states_[first].other);
            }
        }
        for (std::uint32_t i = 0; i < node.min && !error_; ++i) first = emit(item, first);
        return first;
    }

    std::string_view pattern_, rest_;
    const bool for_search_;
    bool ignores_case_ = false;
    std::size_t depth_ = 0, parts_ = 0;
    std::optional<Error> error_;
    Regex regex_;
};

/// The states that the automaton can be in after a part of a text.
class Regex::Run {
public:
    Run(const Regex& regex, std::string_view text) : regex_(regex), text_(text), seen_(regex.states_.size()) {
        enter(regex.first_, 0);
    }

    void step(char32_t character, std::size_t position) {
        ++generation_;
        for (const std::uint32_t index : std::exchange(current_, {})) {
            const State& state = regex_.states_[index];
            if (regex_.classes_[state.other].contains(character)) enter(state.next, position);
        }
    }

    bool is_alive() const { return !current_.empty(); }
    bool is_accepted() const { return accepted_generation_ == generation_; }

private:
    /// Adds a state, and all that follow it without a character.
    void enter(std::uint32_t first, std::size_t position) {
        pending_.push_back(first);
        while (!pending_.empty()) {
            const std::uint32_t index = pending_.back();
            pending_.pop_back();
            if (std::exchange(seen_[index], generation_) == generation_) continue;
            const State& state = regex_.states_[index];
            switch (state.kind) {
                case Kind::character_class:
                    current_.push_back(index);
                    break;
                case Kind::accepted:
                    accepted_generation_ = generation_;
                    break;
                case Kind::split:
                    pending_.insert(pending_.end(), {state.other, state.next});
                    break;
                case Kind::save:
                    pending_.push_back(state.next);
                    break;
                default:
                    if (regex_.holds(state.kind, text_, position)) pending_.push_back(state.next);
                    break;
            }
        }
    }

    const Regex& regex_;
    std::string_view text_;
    std::size_t generation_ = 1, accepted_generation_ = 0;
    std::vector<std::size_t> seen_;  ///< of each state: the generation that entered it last
    std::vector<std::uint32_t> current_, pending_;
};

/// Finds the first match with the positions of its groups. The threads of the automaton are in the order of their
/// priority, and each has positions of its own (Pike's virtual machine).
class Regex::Search {
public:
    Search(const Regex& regex, std::string_view text)
        : regex_(regex),
          text_(text),
          slots_(2 * (regex.group_names_.size() + 1)),
          seen_(regex.states_.size()),
          positions_(slots_, unset) {}

    std::optional<Groups> run() {
        std::string_view rest = text_;
        for (std::size_t position = 0;; position = text_.size() - rest.size()) {
            if (!found_) start_at(position);
            if (rest.empty() || (current_.states.empty() && found_)) break;
            auto character = take_utf8(rest);
            if (!character) {
                character = U'\xFFFD';
                rest.remove_prefix(1);
            }
            step(*character, text_.size() - rest.size());
        }
        if (!found_) return std::nullopt;
        return groups();
    }

private:
    static constexpr std::size_t unset = std::string_view::npos;

    /// The threads that wait for a character.
    struct Threads {
        std::vector<std::uint32_t> states;
        std::vector<std::size_t> positions;  ///< slots_ of each thread
        bool is_cut = false;                 ///< a thread before those that follow has matched
    };
    /// A state to enter, or a position to restore.
    struct Pending {
        std::uint32_t state;
        std::size_t slot = unset, position = 0;
    };

    /// Adds the thread with the least priority, which starts at this position.
    void start_at(std::size_t position) {
        if (current_.states.empty()) ++generation_;
        std::ranges::fill(positions_, unset);
        positions_[0] = position;
        enter(regex_.first_, position, current_);
    }

    void step(char32_t character, std::size_t position) {
        ++generation_;
        Threads next;
        const Threads threads = std::exchange(current_, {});
        for (std::size_t i = 0; i < threads.states.size() && !next.is_cut; ++i) {
            const State& state = regex_.states_[threads.states[i]];
            if (!regex_.classes_[state.other].contains(character)) continue;
            const auto own = threads.positions.begin() + static_cast<std::ptrdiff_t>(i * slots_);
            std::copy_n(own, slots_, positions_.begin());
            enter(state.next, position, next);
        }
        next.is_cut = false;
        current_ = std::move(next);
    }

    /// Adds a state, and all that follow it without a character, in the order of their priority.
    void enter(std::uint32_t first, std::size_t position, Threads& threads) {
        pending_.push_back({first});
        while (!pending_.empty()) {
            const Pending next = pending_.back();
            pending_.pop_back();
            if (next.slot != unset)
                positions_[next.slot] = next.position;
            else if (!threads.is_cut && std::exchange(seen_[next.state], generation_) != generation_)
                enter_state(next.state, position, threads);
        }
    }

    void enter_state(std::uint32_t index, std::size_t position, Threads& threads) {
        const State& state = regex_.states_[index];
        switch (state.kind) {
            case Kind::character_class:
                threads.states.push_back(index);
                threads.positions.insert(threads.positions.end(), positions_.begin(), positions_.end());
                break;
            case Kind::accepted:
                found_ = positions_;
                (*found_)[1] = position;
                threads.is_cut = true;
                break;
            case Kind::split:
                pending_.push_back({state.other});
                pending_.push_back({state.next});
                break;
            case Kind::save:
                pending_.push_back({0, state.other, positions_[state.other]});
                pending_.push_back({state.next});
                positions_[state.other] = position;
                break;
            default:
                if (regex_.holds(state.kind, text_, position)) pending_.push_back({state.next});
                break;
        }
    }

    Groups groups() const {
        Groups all;
        for (std::size_t i = 0; i < slots_; i += 2) {
            const std::size_t from = (*found_)[i], to = (*found_)[i + 1];
            all.push_back(from == unset || to == unset ? std::string_view() : text_.substr(from, to - from));
        }
        return all;
    }

    const Regex& regex_;
    std::string_view text_;
    std::size_t slots_;
    std::size_t generation_ = 0;
    std::vector<std::size_t> seen_;       ///< of each state: the generation that entered it last
    std::vector<std::size_t> positions_;  ///< of the thread that is entered
    std::vector<Pending> pending_;
    Threads current_;
    std::optional<std::vector<std::size_t>> found_;
};

bool Regex::holds(Kind assertion, std::string_view text, std::size_t position) const {
    const auto is_word = [&](std::size_t at) {
        return at < text.size() && (is_alphanumeric(text[at]) || text[at] == '_');
    };
    switch (assertion) {
        case Kind::start:
            return position == 0;
        case Kind::end:
            return position == text.size();
        default:
            return (is_word(position - 1) != is_word(position)) == (assertion == Kind::boundary);
    }
}

std::optional<Regex::Groups> Regex::search(std::string_view text) const { return Search(*this, text).run(); }

Result<Regex> Regex::compile(std::string_view pattern) { return Compiler(pattern, false).run(); }
Result<Regex> Regex::compile_search(std::string_view pattern) { return Compiler(pattern, true).run(); }

bool Regex::matches(std::string_view text) const {
    Run run(*this, text);
    for (std::string_view rest = text; !rest.empty() && run.is_alive();) {
        const auto character = take_utf8(rest);
        if (!character) return false;
        run.step(*character, text.size() - rest.size());
        if (!run.is_alive() && !rest.empty()) return false;
    }
    return run.is_accepted();
}

}  // namespace osbot_aws::base
