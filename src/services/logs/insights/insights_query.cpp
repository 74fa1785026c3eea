// The commands of queries: fields, display, filter, parse, stats, sort, limit, dedup.
#include "services/logs/insights/insights_query.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/characters.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "services/logs/insights/insights_scanner.hpp"

namespace osbot_aws::services {

/// The end of a query: selects the columns of each row.
class Insights_Results final : public Insights_Stage {
public:
    Insights_Results(std::vector<std::string> columns, std::size_t limit, std::size_t bytes_max)
        : columns_(std::move(columns)), limit_(limit), bytes_max_(bytes_max) {}

    void push(Insights_Row row) override {
        if (rows_.size() >= limit_ || bytes_ > bytes_max_) return;  // too many bytes fail the query
        Insights_Query::Result_Row& out = rows_.emplace_back();
        const auto is_pointer = [&](const std::string& column) { return row.event() != nullptr && column == "@ptr"; };
        for (const std::string& column : columns_)
            if (auto value = row.get(column); has_value(value) && !is_pointer(column))
                out.emplace_back(column, text_of(value));
        if (row.event() != nullptr) out.emplace_back("@ptr", row.event()->pointer);
        bytes_ += sizeof(out);
        for (const auto& item : out) bytes_ += sizeof(item) + item.first.size() + item.second.size();
    }
    void finish() override {}
    bool is_full() const override { return rows_.size() >= limit_; }
    std::size_t memory_bytes() const override { return bytes_; }

    const std::vector<Insights_Query::Result_Row>& rows() const { return rows_; }

private:
    std::vector<std::string> columns_;
    std::size_t limit_, bytes_max_;
    std::vector<Insights_Query::Result_Row> rows_;
    std::size_t bytes_ = 0;
};

struct Insights_Query::Parts {
    std::vector<std::unique_ptr<Insights_Stage>> stages;
    std::unique_ptr<Insights_Results> results;
    std::size_t memory_bytes_max = 0;
    std::uint64_t pushed = 0;
    std::shared_ptr<std::uint64_t> passed;  ///< the last filter of events; null: none
};

namespace {

constexpr std::size_t commands_max = 100;  // the engine's own limit
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Limit.html
constexpr std::size_t limit_max = 100'000;

Insights_Expression field_named(std::string name) {
    return [name = std::move(name)](const Insights_Row& row) { return row.get(name); };
}

/// Returns the parts of a text at the asterisks of a pattern; nothing if it does not match. Each part but the last ends
/// where the text of the pattern that follows it is found first.
std::vector<std::string> glob_parts(std::string_view pattern, std::string_view text) {
    std::vector<std::string> parts;
    const std::string_view prefix = base::take_until(pattern, '*');
    const auto start = text.find(prefix);
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start + prefix.size());
    for (bool is_last = false; !is_last;) {
        is_last = pattern.find('*') == std::string_view::npos;
        const std::string_view after = base::take_until(pattern, '*');
        const auto end = after.empty() && is_last ? text.size() : text.find(after);
        if (end == std::string_view::npos) return {};
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end + after.size());
    }
    return parts;
}

Insights_Parse parse_glob(std::string pattern, std::vector<std::string> names) {
    return [pattern = std::move(pattern), names = std::move(names)](const std::string& text) {
        std::vector<std::pair<std::string, std::string>> fields;
        const auto parts = glob_parts(pattern, text);
        for (std::size_t i = 0; i < parts.size() && i < names.size(); ++i) fields.emplace_back(names[i], parts[i]);
        return fields;
    };
}

Insights_Parse parse_regex(base::Regex regex, std::vector<std::string> names) {
    return [regex = std::make_shared<const base::Regex>(std::move(regex)),
            names = std::move(names)](const std::string& text) {
        std::vector<std::pair<std::string, std::string>> fields;
        const auto groups = regex->search(text);
        for (std::size_t i = 0; groups && i < names.size(); ++i)
            if ((*groups)[i + 1].data() != nullptr) fields.emplace_back(names[i], std::string((*groups)[i + 1]));
        return fields;
    };
}

}  // namespace

class Insights_Query::Parser {
public:
    Parser(std::string_view text, const Params& params) : scanner_(text), params_(params) {}

    Result<Insights_Query> run() {
        do {
            if (++commands_ > commands_max)
                return malformed_query(fmt::format("a query has at most {} commands", commands_max));
            OSBOT_TRY(command());
        } while (scanner_.take("|"));
        if (!scanner_.at_end()) return scanner_.unexpected();
        if (columns_.empty()) columns_ = {"@timestamp", "@message"};
        sort_by_time();
        auto parts = std::make_unique<Parts>();
        parts->stages = std::move(stages_);
        parts->passed = std::move(passed_);
        parts->results = std::make_unique<Insights_Results>(std::move(columns_), has_limit_ ? limit_max : params_.limit,
                                                            params_.memory_bytes_max);
        parts->memory_bytes_max = params_.memory_bytes_max;
        Insights_Stage* next = parts->results.get();
        for (auto stage = parts->stages.rbegin(); stage != parts->stages.rend(); ++stage) {
            (*stage)->next = next;
            next = stage->get();
        }
        return Insights_Query(std::move(parts));
    }

private:
    Result<void> command() {
        struct Command {
            std::string_view name;
            Result<void> (Parser::*parse)();
        };
        static constexpr Command commands[] = {
            {"fields", &Parser::fields}, {"display", &Parser::display}, {"filter", &Parser::filter},
            {"parse", &Parser::parse},   {"stats", &Parser::stats},     {"sort", &Parser::sort},
            {"limit", &Parser::limit},   {"dedup", &Parser::dedup},     {"head", &Parser::limit}};
        for (const Command& each : commands)
            if (scanner_.take_word(each.name)) return (this->*each.parse)();
        return scanner_.unexpected();
    }

    void add(std::unique_ptr<Insights_Stage> stage) { stages_.push_back(std::move(stage)); }

    void add_column(const std::string& name) {
        if (std::ranges::count(columns_, name) == 0) columns_.push_back(name);
    }

    /// Parses expressions with optional names, separated by commas, which become columns.
    Result<void> fields() {
        do {
            OSBOT_TRY(auto named, named_expression());
            if (named.second) add(insights_field(named.first, std::move(*named.second)));
            add_column(named.first);
        } while (scanner_.take(","));
        return {};
    }

    Result<void> display() {
        columns_.clear();
        return fields();
    }

    /// Returns a name, and the expression that it names unless it is a field.
    Result<std::pair<std::string, std::optional<Insights_Expression>>> named_expression() {
        if (auto column = take_column()) return std::pair{std::move(*column), std::optional<Insights_Expression>()};
        const std::size_t start = scanner_.position();
        auto ahead = scanner_;
        if (auto name = ahead.name(); name && (ahead.at_end() || ahead.peek() == ',' || ahead.peek() == '|')) {
            scanner_ = ahead;
            return std::pair{std::move(*name), std::optional<Insights_Expression>()};
        }
        OSBOT_TRY(auto value, parse_insights_expression(scanner_));
        std::string name(scanner_.text_from(start));
        if (scanner_.take_word("as")) { OSBOT_TRY(name, scanner_.name()); }
        return std::pair{std::move(name), std::optional(std::move(value))};
    }

    /// Consumes the name of a column that is not the name of a field: after stats, count(*) and bin(5m) are such names.
    std::optional<std::string> take_column() {
        for (const std::string& column : columns_)
            if (column.find('(') != std::string::npos && scanner_.take(column)) return column;
        return std::nullopt;
    }

    Result<void> filter() {
        OSBOT_TRY(auto condition, parse_insights_expression(scanner_));
        auto passed = std::make_shared<std::uint64_t>(0);
        if (!has_stats_) passed_ = passed;
        add(insights_filter(std::move(condition), std::move(passed)));
        return {};
    }

    Result<void> parse() {
        Insights_Expression source = field_named("@message");
        if (scanner_.peek() != '"' && scanner_.peek() != '\'' && scanner_.peek() != '/') {
            OSBOT_TRY(auto name, scanner_.name());
            source = field_named(std::move(name));
        }
        if (scanner_.peek() == '/') {
            OSBOT_TRY(auto regex, scanner_.regex());
            auto names = regex.group_names();
            if (scanner_.take_word("as")) { OSBOT_TRY(names, names_of_fields()); }
            if (names.empty() || names.size() > regex.group_names().size() || std::ranges::count(names, "") > 0)
                return malformed_query("each group of the regular expression of parse needs a name");
            add(insights_parse(std::move(source), parse_regex(std::move(regex), std::move(names))));
            return {};
        }
        OSBOT_TRY(auto pattern, scanner_.quoted());
        if (!scanner_.take_word("as")) return scanner_.unexpected();
        OSBOT_TRY(auto names, names_of_fields());
        if (static_cast<std::ptrdiff_t>(names.size()) != std::ranges::count(pattern, '*'))
            return malformed_query("parse needs as many names as its pattern has asterisks");
        add(insights_parse(std::move(source), parse_glob(std::move(pattern), std::move(names))));
        return {};
    }

    Result<std::vector<std::string>> names_of_fields() {
        std::vector<std::string> names;
        do {
            OSBOT_TRY(auto name, scanner_.name());
            names.push_back(std::move(name));
        } while (scanner_.take(","));
        return names;
    }

    Result<void> stats() {
        std::vector<Insights_Column> columns;
        std::vector<Insights_Group_Key> keys;
        do {
            OSBOT_TRY(auto column, aggregate());
            columns.push_back(std::move(column));
        } while (scanner_.take(","));
        columns_.clear();
        has_stats_ = true;
        if (scanner_.take_word("by")) {
            do {
                OSBOT_TRY(auto named, named_expression());
                add_column(named.first);
                auto value = named.second ? std::move(*named.second) : field_named(named.first);
                keys.push_back({std::move(named.first), std::move(value)});
            } while (scanner_.take(","));
        }
        for (const auto& column : columns) add_column(column.name);
        add(insights_stats(std::move(columns), std::move(keys)));
        return {};
    }

    /// Parses count(*) as total
    Result<Insights_Column> aggregate() {
        const std::size_t start = scanner_.position();
        OSBOT_TRY(auto name, scanner_.name());
        name = base::lower_case(name);
        if (!is_insights_aggregate(name)) return malformed_query(fmt::format("unknown function {} of stats", name));
        if (!scanner_.take("(")) return scanner_.unexpected();
        scanner_.take("*");
        OSBOT_TRY(const auto arguments, parse_insights_arguments(scanner_));
        OSBOT_TRY(auto make, insights_aggregate(name, arguments));
        std::string label(scanner_.text_from(start));
        if (scanner_.take_word("as")) { OSBOT_TRY(label, scanner_.name()); }
        return Insights_Column{std::move(label), std::move(make)};
    }

    Result<void> sort() {
        std::vector<Insights_Sort_Key> keys;
        do {
            Insights_Expression value;
            if (auto column = take_column()) {
                value = field_named(std::move(*column));
            } else {
                OSBOT_TRY(value, parse_insights_expression(scanner_));
            }
            const bool descending = scanner_.take_word("desc");
            if (!descending) scanner_.take_word("asc");
            keys.push_back({std::move(value), descending});
        } while (scanner_.take(","));
        is_sorted_ = true;
        add(insights_sort(std::move(keys)));
        return {};
    }

    Result<void> limit() {
        const auto rows = base::parse_number<std::size_t>(scanner_.digits_and_letters());
        if (!rows || *rows == 0 || *rows > limit_max)
            return malformed_query(fmt::format("limit needs a number from 1 to {}", limit_max));
        has_limit_ = true;
        note_order();
        add(insights_limit(*rows));
        return {};
    }

    Result<void> dedup() {
        OSBOT_TRY(const auto names, names_of_fields());
        std::vector<Insights_Expression> fields;
        for (const auto& name : names) fields.push_back(field_named(name));
        note_order();
        add(insights_dedup(std::move(fields)));
        return {};
    }

    /// Notes the place of the first command whose result depends on the order of the rows.
    void note_order() {
        if (!is_sorted_ && !order_at_) order_at_ = stages_.size();
    }

    /// Without another order, rows are in that of time, the newest first.
    void sort_by_time() {
        if (!params_.sorts_by_time || (is_sorted_ && !order_at_)) return;
        std::vector<Insights_Sort_Key> newest_first;
        newest_first.push_back({field_named("@timestamp"), true});
        const auto at = order_at_.value_or(stages_.size());
        stages_.insert(stages_.begin() + static_cast<std::ptrdiff_t>(at), insights_sort(std::move(newest_first)));
    }

    Insights_Scanner scanner_;
    const Params params_;
    std::size_t commands_ = 0;
    std::vector<std::unique_ptr<Insights_Stage>> stages_;
    std::vector<std::string> columns_;
    bool has_limit_ = false, is_sorted_ = false, has_stats_ = false;
    std::shared_ptr<std::uint64_t> passed_;
    std::optional<std::size_t> order_at_;
};

Insights_Query::Insights_Query(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Insights_Query::Insights_Query(Insights_Query&&) noexcept = default;
Insights_Query& Insights_Query::operator=(Insights_Query&&) noexcept = default;
Insights_Query::~Insights_Query() = default;

Result<Insights_Query> Insights_Query::parse(std::string_view text, const Params& params) {
    return Parser(text, params).run();
}

Result<void> Insights_Query::push(std::shared_ptr<const Insights_Event> event) {
    Insights_Stage& first = parts_->stages.empty() ? *parts_->results : *parts_->stages.front();
    first.push(Insights_Row(std::move(event)));
    ++parts_->pushed;
    return check_memory();
}

Result<void> Insights_Query::check_memory() const {
    std::size_t bytes = parts_->results->memory_bytes();
    for (const auto& stage : parts_->stages) bytes += stage->memory_bytes();
    if (bytes > parts_->memory_bytes_max)
        return Error{"LimitExceededException",
                     fmt::format("the query holds {} bytes of rows, and the engine permits {}: filter more, or query a "
                                 "shorter time",
                                 bytes, parts_->memory_bytes_max)};
    return {};
}

Result<void> Insights_Query::finish() {
    if (!parts_->stages.empty()) parts_->stages.front()->finish();
    parts_->stages.clear();
    return check_memory();
}

bool Insights_Query::is_full() const {
    return (parts_->stages.empty() ? static_cast<const Insights_Stage&>(*parts_->results) : *parts_->stages.front())
        .is_full();
}

const std::vector<Insights_Query::Result_Row>& Insights_Query::results() const { return parts_->results->rows(); }
std::size_t Insights_Query::result_bytes() const { return parts_->results->memory_bytes(); }
std::uint64_t Insights_Query::matched() const { return parts_->passed ? *parts_->passed : parts_->pushed; }

}  // namespace osbot_aws::services
