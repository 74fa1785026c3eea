// The aggregation functions of stats.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "services/logs/insights/insights_query.hpp"
#include "services/logs/insights/insights_scanner.hpp"

namespace osbot_aws::services {
namespace {

using Expression = Insights_Expression;

/// count(*), count(field)
class Count_Aggregate final : public Insights_Aggregate {
public:
    explicit Count_Aggregate(Expression value) : value_(std::move(value)) {}
    void add(const Insights_Row& row) override {
        if (!value_ || has_value(value_(row))) ++count_;
    }
    Insights_Value result() const override { return static_cast<double>(count_); }

private:
    Expression value_;  ///< null: all rows
    std::uint64_t count_ = 0;
};

class Distinct_Aggregate final : public Insights_Aggregate {
public:
    explicit Distinct_Aggregate(Expression value) : value_(std::move(value)) {}
    void add(const Insights_Row& row) override {
        const Insights_Value value = value_(row);
        if (!has_value(value)) return;
        std::string text = text_of(value);
        const auto [added, is_new] = seen_.insert(std::move(text));
        if (is_new) bytes_ += insights_node_bytes + added->size();
    }
    Insights_Value result() const override { return static_cast<double>(seen_.size()); }
    std::size_t memory_bytes() const override { return bytes_; }

private:
    Expression value_;
    std::set<std::string> seen_;
    std::size_t bytes_ = 0;
};

enum class Sum_Kind { sum, average, deviation };

class Sum_Aggregate final : public Insights_Aggregate {
public:
    Sum_Aggregate(Expression value, Sum_Kind kind) : value_(std::move(value)), kind_(kind) {}
    void add(const Insights_Row& row) override {
        const auto number = number_of(value_(row));
        if (!number) return;
        ++count_;
        sum_ += *number;
        const double before = *number - mean_;  // Welford's method, which is accurate for large numbers
        mean_ += before / static_cast<double>(count_);
        squares_ += before * (*number - mean_);
    }
    Insights_Value result() const override {
        if (kind_ == Sum_Kind::sum) return number_value(sum_);
        if (count_ == 0) return {};
        if (kind_ == Sum_Kind::average) return number_value(sum_ / static_cast<double>(count_));
        return number_value(std::sqrt(squares_ / static_cast<double>(count_)));
    }

private:
    Expression value_;
    Sum_Kind kind_;
    std::uint64_t count_ = 0;
    double sum_ = 0, mean_ = 0, squares_ = 0;
};

/// The value of the row for which `better` holds against all others.
class Best_Aggregate final : public Insights_Aggregate {
public:
    using Better = bool (*)(const Insights_Value&, const Insights_Value&);
    Best_Aggregate(Expression key, Expression value, Better better)
        : key_(std::move(key)), value_(std::move(value)), better_(better) {}
    void add(const Insights_Row& row) override {
        Insights_Value key = key_(row), value = value_(row);
        if (!has_value(key) || !has_value(value)) return;
        if (has_value(best_key_) && !better_(key, best_key_)) return;
        best_key_ = std::move(key);
        best_ = std::move(value);
    }
    Insights_Value result() const override { return best_; }
    std::size_t memory_bytes() const override {
        return services::memory_bytes(best_key_) + services::memory_bytes(best_);
    }

private:
    Expression key_, value_;
    Better better_;
    Insights_Value best_key_, best_;
};

class Percentile_Aggregate final : public Insights_Aggregate {
public:
    Percentile_Aggregate(Expression value, double percent) : value_(std::move(value)), percent_(percent) {}
    void add(const Insights_Row& row) override {
        if (const auto number = number_of(value_(row))) numbers_.push_back(*number);
    }
    /// The number with this share of the others below it; between two numbers a linear interpolation.
    Insights_Value result() const override {
        if (numbers_.empty()) return {};
        auto sorted = numbers_;
        std::ranges::sort(sorted);
        const double at = percent_ / 100 * static_cast<double>(sorted.size() - 1);
        const auto below = static_cast<std::size_t>(at);
        const auto above = std::min(below + 1, sorted.size() - 1);
        return number_value(sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]));
    }
    std::size_t memory_bytes() const override { return numbers_.size() * sizeof(double); }

private:
    Expression value_;
    double percent_;
    std::vector<double> numbers_;
};

using Make = std::function<std::unique_ptr<Insights_Aggregate>()>;

Expression timestamp() {
    return [](const Insights_Row& row) { return row.get("@timestamp"); };
}

Make best(const Expression& key, const Expression& value, bool greatest) {
    return [=] {
        const auto greater = [](const Insights_Value& a, const Insights_Value& b) { return compare(a, b) > 0; };
        const auto less = [](const Insights_Value& a, const Insights_Value& b) { return compare(a, b) < 0; };
        return std::make_unique<Best_Aggregate>(
            key, value, greatest ? Best_Aggregate::Better(greater) : Best_Aggregate::Better(less));
    };
}

Make sum(const Expression& value, Sum_Kind kind) {
    return [=] { return std::make_unique<Sum_Aggregate>(value, kind); };
}

struct Aggregate_Function {
    std::string_view name;
    Make (*make)(const std::vector<Expression>&);
    std::size_t arguments = 1;
};
using Aggregate_Arguments = const std::vector<Expression>&;
constexpr Aggregate_Function aggregate_functions[] = {
    {"count_distinct",
     [](Aggregate_Arguments a) -> Make {
         return [value = a[0]] { return std::make_unique<Distinct_Aggregate>(value); };
     }},
    {"sum", [](Aggregate_Arguments a) { return sum(a[0], Sum_Kind::sum); }},
    {"avg", [](Aggregate_Arguments a) { return sum(a[0], Sum_Kind::average); }},
    {"stddev", [](Aggregate_Arguments a) { return sum(a[0], Sum_Kind::deviation); }},
    {"min", [](Aggregate_Arguments a) { return best(a[0], a[0], false); }},
    {"max", [](Aggregate_Arguments a) { return best(a[0], a[0], true); }},
    {"sortsfirst", [](Aggregate_Arguments a) { return best(a[0], a[0], false); }},
    {"sortslast", [](Aggregate_Arguments a) { return best(a[0], a[0], true); }},
    {"earliest", [](Aggregate_Arguments a) { return best(timestamp(), a[0], false); }},
    {"latest", [](Aggregate_Arguments a) { return best(timestamp(), a[0], true); }},
    {"median",
     [](Aggregate_Arguments a) -> Make {
         return [value = a[0]] { return std::make_unique<Percentile_Aggregate>(value, 50.0); };
     }},
    {"pct",
     [](Aggregate_Arguments a) -> Make {
         const double percent = std::clamp(number_of(a[1]({})).value_or(50), 0.0, 100.0);
         return [value = a[0], percent] { return std::make_unique<Percentile_Aggregate>(value, percent); };
     },
     2},
};

const Aggregate_Function* find_aggregate(std::string_view name) {
    const auto* const found = std::ranges::find(aggregate_functions, name, &Aggregate_Function::name);
    return found == std::end(aggregate_functions) ? nullptr : found;
}

}  // namespace

bool is_insights_aggregate(std::string_view name) { return name == "count" || find_aggregate(name) != nullptr; }

Result<Make> insights_aggregate(const std::string& name, const std::vector<Expression>& arguments) {
    if (name == "count") {
        const Expression value = arguments.empty() ? Expression() : arguments[0];
        return Make([value] { return std::make_unique<Count_Aggregate>(value); });
    }
    const Aggregate_Function* found = find_aggregate(name);
    if (found == nullptr) return malformed_query(fmt::format("unknown function {} of stats", name));
    if (found->arguments != arguments.size())
        return malformed_query(fmt::format("the function {} takes {} arguments", name, found->arguments));
    return found->make(arguments);
}

}  // namespace osbot_aws::services
