#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "services/logs/insights/insights_query.hpp"

namespace osbot_aws::services {
namespace {

class Filter_Stage final : public Insights_Stage {
public:
    Filter_Stage(Insights_Expression condition, std::shared_ptr<std::uint64_t> passed)
        : condition_(std::move(condition)), passed_(std::move(passed)) {}
    void push(Insights_Row row) override {
        if (!is_true(condition_(row))) return;
        ++*passed_;
        next->push(std::move(row));
    }

private:
    Insights_Expression condition_;
    std::shared_ptr<std::uint64_t> passed_;
};

class Field_Stage final : public Insights_Stage {
public:
    Field_Stage(std::string name, Insights_Expression value) : name_(std::move(name)), value_(std::move(value)) {}
    void push(Insights_Row row) override {
        row.set(name_, value_(row));
        next->push(std::move(row));
    }

private:
    std::string name_;
    Insights_Expression value_;
};

class Parse_Stage final : public Insights_Stage {
public:
    Parse_Stage(Insights_Expression source, Insights_Parse parse)
        : source_(std::move(source)), parse_(std::move(parse)) {}
    void push(Insights_Row row) override {
        for (auto& [name, value] : parse_(text_of(source_(row)))) row.set(name, std::move(value));
        next->push(std::move(row));
    }

private:
    Insights_Expression source_;
    Insights_Parse parse_;
};

class Limit_Stage final : public Insights_Stage {
public:
    explicit Limit_Stage(std::size_t rows) : left_(rows) {}
    void push(Insights_Row row) override {
        if (left_ == 0) return;
        --left_;
        next->push(std::move(row));
    }
    bool is_full() const override { return left_ == 0 || next->is_full(); }

private:
    std::size_t left_;
};

class Sort_Stage final : public Insights_Stage {
public:
    explicit Sort_Stage(std::vector<Insights_Sort_Key> keys) : keys_(std::move(keys)) {}

    void push(Insights_Row row) override {
        Keyed keyed;
        for (const auto& key : keys_) bytes_ += services::memory_bytes(keyed.keys.emplace_back(key.value(row)));
        if (row.event() != nullptr) row.event()->forget_json();
        bytes_ += sizeof(keyed) + row.memory_bytes();
        keyed.row = std::move(row);
        rows_.push_back(std::move(keyed));
    }
    void finish() override {
        auto rows = std::exchange(rows_, {});
        std::ranges::stable_sort(rows, [this](const Keyed& a, const Keyed& b) { return precedes(a.keys, b.keys); });
        for (auto& each : rows) next->push(std::move(each.row));
        next->finish();
    }
    bool is_full() const override { return false; }
    std::size_t memory_bytes() const override { return bytes_; }

private:
    struct Keyed {
        std::vector<Insights_Value> keys;
        Insights_Row row;
    };
    bool precedes(const std::vector<Insights_Value>& a, const std::vector<Insights_Value>& b) const {
        for (std::size_t i = 0; i < keys_.size(); ++i) {
            const auto order = keys_[i].descending ? compare(b[i], a[i]) : compare(a[i], b[i]);
            if (order != 0) return order < 0;
        }
        return false;
    }

    std::vector<Insights_Sort_Key> keys_;
    std::vector<Keyed> rows_;
    std::size_t bytes_ = 0;
};

/// Returns the values as one text that identifies them. A missing value differs from an empty text.
std::string identity_of(const std::vector<Insights_Expression>& fields, const Insights_Row& row) {
    std::string identity;
    for (const auto& field : fields) {
        const Insights_Value value = field(row);
        const std::string text = text_of(value);
        identity += fmt::format("{}:{}{}", text.size(), has_value(value), text);
    }
    return identity;
}

class Dedup_Stage final : public Insights_Stage {
public:
    explicit Dedup_Stage(std::vector<Insights_Expression> fields) : fields_(std::move(fields)) {}
    void push(Insights_Row row) override {
        std::string identity = identity_of(fields_, row);
        const auto [added, is_new] = seen_.insert(std::move(identity));
        if (!is_new) return;
        bytes_ += insights_node_bytes + added->size();
        next->push(std::move(row));
    }
    std::size_t memory_bytes() const override { return bytes_; }

private:
    std::vector<Insights_Expression> fields_;
    std::set<std::string> seen_;
    std::size_t bytes_ = 0;
};

/// Groups rows by their keys. The groups are in the order of their first row.
class Stats_Stage final : public Insights_Stage {
public:
    Stats_Stage(std::vector<Insights_Column> columns, std::vector<Insights_Group_Key> keys)
        : columns_(std::move(columns)), keys_(std::move(keys)) {
        for (const auto& key : keys_) key_values_.push_back(key.value);
    }

    void push(Insights_Row row) override {
        const auto [found, is_new] = positions_.try_emplace(identity_of(key_values_, row), groups_.size());
        if (is_new) {
            groups_.push_back(new_group(row));
            bytes_ += insights_node_bytes + found->first.size() + memory_bytes_of(groups_.back());
        }
        for (const auto& aggregate : groups_[found->second].aggregates) {
            const std::size_t before = aggregate->memory_bytes();
            aggregate->add(row);
            bytes_ += aggregate->memory_bytes() - before;  // it may be less
        }
    }
    void finish() override {
        if (groups_.empty() && keys_.empty()) groups_.push_back(new_group({}));
        for (auto& group : groups_) {
            for (std::size_t i = 0; i < columns_.size(); ++i)
                group.row.set(columns_[i].name, group.aggregates[i]->result());
            next->push(std::move(group.row));
        }
        next->finish();
    }
    bool is_full() const override { return false; }
    std::size_t memory_bytes() const override { return bytes_; }

private:
    struct Group {
        Insights_Row row;
        std::vector<std::unique_ptr<Insights_Aggregate>> aggregates;
    };

    static std::size_t memory_bytes_of(const Group& group) {
        return sizeof(group) + group.row.memory_bytes() + group.aggregates.size() * insights_node_bytes;
    }

    Group new_group(const Insights_Row& first) const {
        Group group;
        for (const auto& key : keys_) group.row.set(key.name, key.value(first));
        for (const auto& column : columns_) group.aggregates.push_back(column.make());
        return group;
    }

    std::vector<Insights_Column> columns_;
    std::vector<Insights_Group_Key> keys_;
    std::vector<Insights_Expression> key_values_;
    std::map<std::string, std::size_t> positions_;  ///< of groups by identity
    std::vector<Group> groups_;
    std::size_t bytes_ = 0;
};

}  // namespace

std::unique_ptr<Insights_Stage> insights_filter(Insights_Expression condition, std::shared_ptr<std::uint64_t> passed) {
    return std::make_unique<Filter_Stage>(std::move(condition), std::move(passed));
}
std::unique_ptr<Insights_Stage> insights_field(std::string name, Insights_Expression value) {
    return std::make_unique<Field_Stage>(std::move(name), std::move(value));
}
std::unique_ptr<Insights_Stage> insights_parse(Insights_Expression source, Insights_Parse parse) {
    return std::make_unique<Parse_Stage>(std::move(source), std::move(parse));
}
std::unique_ptr<Insights_Stage> insights_limit(std::size_t rows) { return std::make_unique<Limit_Stage>(rows); }
std::unique_ptr<Insights_Stage> insights_sort(std::vector<Insights_Sort_Key> keys) {
    return std::make_unique<Sort_Stage>(std::move(keys));
}
std::unique_ptr<Insights_Stage> insights_dedup(std::vector<Insights_Expression> fields) {
    return std::make_unique<Dedup_Stage>(std::move(fields));
}
std::unique_ptr<Insights_Stage> insights_stats(std::vector<Insights_Column> columns,
                                               std::vector<Insights_Group_Key> keys) {
    return std::make_unique<Stats_Stage>(std::move(columns), std::move(keys));
}

}  // namespace osbot_aws::services
