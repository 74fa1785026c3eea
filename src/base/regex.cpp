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
    enum class Kind { character_class, start, end, sequence, alternatives, repetition } kind;
    std::vector<Regex_Node> children = {};
    std::uint32_t min = 0, max = 0;  ///< repetition
    std::size_t class_index = 0;     ///< character_class
};

}  // namespace

bool Regex::Class::contains(char32_t character) const {
    const auto after = std::ranges::upper_bound(ranges, character, {}, &Range::first);
    return (after != ranges.begin() && std::prev(after)->second >= character) != negated;
}

/// Parses a pattern by recursive descent, and turns it into the states of an automaton (Thompson's construction).
class Regex::Compiler {
public:
    explicit Compiler(std::string_view pattern) : pattern_(pattern), rest_(pattern) {}

    Result<Regex> run() {
        const Regex_Node whole = alternatives();
        if (!error_ && !rest_.empty()) fail("unexpected ')'");
        if (error_) return *error_;
        const std::uint32_t accepted = add({.kind = Kind::accepted});
        regex_.first_ = emit(whole, accepted);
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
            while (!at_end() && is_quantifier()) item = quantified(std::move(item));
            node.children.push_back(std::move(item));
        }
        return node;
    }

    Node atom() {
        if (take_prefix(rest_, "(")) return group();
        if (take_prefix(rest_, "[")) return bracketed();
        if (take_prefix(rest_, "^")) return {.kind = Node::Kind::start};
        if (take_prefix(rest_, "$")) return {.kind = Node::Kind::end};
        if (take_prefix(rest_, ".")) return of_class({.ranges = {{U'\n', U'\n'}}, .negated = true});
        Class one;
        if (is_quantifier()) fail("nothing to repeat");
        add_item(one);
        return of_class(std::move(one));
    }

    Node group() {
        take_prefix(rest_, "?:");
        if (++depth_ > depth_max) fail("groups are nested too deeply");
        Node node = at_end() ? Node{.kind = Node::Kind::sequence} : alternatives();
        --depth_;
        if (!take_prefix(rest_, ")")) fail("missing ')'");
        return node;
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
        const auto ranges = ranges_of(letter);
        if (!ranges.empty()) return items.ranges.insert(items.ranges.end(), ranges.begin(), ranges.end()), std::nullopt;
        if (letter == 'p') return add_property(items), std::nullopt;
        if (is_alphanumeric(letter) && letter != 'x' && letter != 'u') fail("unknown escape");
        const auto character = letter == 'x' ? hex_digits(2) : letter == 'u' ? hex_digits(4) : char32_t(letter);
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
        switch (node.kind) {
            case Node::Kind::start:
                return add({.kind = Kind::start, .next = next});
            case Node::Kind::end:
                return add({.kind = Kind::end, .next = next});
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
            first = add({.kind = Kind::split, .next = 0, .other = next});
            const std::uint32_t body = emit(item, first);
            regex_.states_[first].next = body;
        } else {
            for (std::uint32_t i = node.min; i < node.max && !error_; ++i) {
                const std::uint32_t body = emit(item, first);
                first = add({.kind = Kind::split, .next = body, .other = next});
            }
        }
        for (std::uint32_t i = 0; i < node.min && !error_; ++i) first = emit(item, first);
        return first;
    }

    std::string_view pattern_, rest_;
    std::size_t depth_ = 0;
    std::optional<Error> error_;
    Regex regex_;
};

/// The states that the automaton can be in after a part of a text.
class Regex::Run {
public:
    Run(const Regex& regex, std::size_t text_size) : regex_(regex), text_size_(text_size), seen_(regex.states_.size()) {
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
                case Kind::start:
                    if (position == 0) pending_.push_back(state.next);
                    break;
                case Kind::end:
                    if (position == text_size_) pending_.push_back(state.next);
                    break;
            }
        }
    }

    const Regex& regex_;
    std::size_t text_size_;
    std::size_t generation_ = 1, accepted_generation_ = 0;
    std::vector<std::size_t> seen_;  ///< of each state: the generation that entered it last
    std::vector<std::uint32_t> current_, pending_;
};

Result<Regex> Regex::compile(std::string_view pattern) { return Compiler(pattern).run(); }

bool Regex::matches(std::string_view text) const {
    Run run(*this, text.size());
    for (std::string_view rest = text; !rest.empty() && run.is_alive();) {
        const auto character = take_utf8(rest);
        if (!character) return false;
        run.step(*character, text.size() - rest.size());
        if (!run.is_alive() && !rest.empty()) return false;
    }
    return run.is_accepted();
}

}  // namespace osbot_aws::base
