// How a record is stored: one field list per type, which both writes and reads its JSON.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "base/json.hpp"
#include "base/time_text.hpp"
#include "store/blobs.hpp"
#include "store/store.hpp"

namespace osbot_aws::store {

class Record_Writer;
class Record_Reader;

/// The type of a record in its field list: const when it is written.
template <class Fields, class T>
using Of = std::conditional_t<Fields::writes, const T, T>;

/// True for a type that has a field list:
///
///     template <class Fields>
///     void describe(Fields& f, store::Of<Fields, Role>& role) {
///         f("name", role.name)("created_at", role.created_at).optional("boundary", role.permissions_boundary);
///     }
///
/// A field is a number, a text, a Json, a time (stored in milliseconds), a duration in seconds, an optional or shared
/// value, another type with a field list, or a vector or map of those.
template <class T>
concept Described = requires(Record_Writer& writer, const T& value) {
    describe(writer, value);
};

class Record_Writer {
public:
    static constexpr bool writes = true;

    template <class T>
    Record_Writer& operator()(const char* name, const T& value) {
        json_[name] = json_of(value);
        return *this;
    }
    /// A field that is omitted if it is empty, and that records of older engines may lack.
    template <class T>
    Record_Writer& optional(const char* name, const T& value) {
        return value == T{} ? *this : (*this)(name, value);
    }
    /// The fields of `value`, in the same JSON object.
    template <Described T>
    Record_Writer& operator()(const T& value) {
        describe(*this, value);
        return *this;
    }
    /// The SHA-256 and the size of a blob.
    Record_Writer& blob(const char* sha256_name, const char* size_name, const Blob_Ptr& blob) {
        return optional_blob(sha256_name, size_name, blob);
    }
    Record_Writer& optional_blob(const char* sha256_name, const char* size_name, const Blob_Ptr& blob) {
        json_[sha256_name] = blob ? blob->sha256() : "";
        json_[size_name] = blob ? blob->size() : 0;
        return *this;
    }
    /// A list of the values of a map. `key_of` returns the key of a value.
    template <class Map, class Key_Of>
    Record_Writer& values(const char* name, const Map& map, Key_Of&&) {
        Json& list = json_[name] = Json::array();
        for (const auto& [key, value] : map) list.push_back(json_of(value));
        return *this;
    }

    template <class T>
    static Json json_of(const T& value) {
        if constexpr (Described<T>) {
            Record_Writer writer;
            describe(writer, value);
            return std::move(writer.json_);
        } else {
            return value;
        }
    }
    static Json json_of(const base::Time& time) { return base::unix_ms(time); }
    static Json json_of(const std::chrono::seconds& duration) { return duration.count(); }
    template <class T>
    static Json json_of(const std::optional<T>& value) {
        return value ? json_of(*value) : Json();
    }
    template <class T>
    static Json json_of(const std::shared_ptr<T>& value) {
        return value ? json_of(*value) : Json();
    }
    template <Described T>
    static Json json_of(const std::vector<T>& values) {
        Json list = Json::array();
        for (const T& value : values) list.push_back(json_of(value));
        return list;
    }
    template <Described T>
    static Json json_of(const std::map<std::string, T>& values) {
        Json object = Json::object();
        for (const auto& [key, value] : values) object[key] = json_of(value);
        return object;
    }

private:
    Json json_ = Json::object();
};

/// Throws Json::exception or Aws_Exception for a field that is missing or has another type.
class Record_Reader {
public:
    static constexpr bool writes = false;

    Record_Reader(const Json& json, Blobs& blobs) : json_(json), blobs_(blobs) {}

    template <class T>
    Record_Reader& operator()(const char* name, T& value) {
        read(json_.at(name), value);
        return *this;
    }
    template <class T>
    Record_Reader& optional(const char* name, T& value) {
        return json_.contains(name) ? (*this)(name, value) : *this;
    }
    template <Described T>
    Record_Reader& operator()(T& value) {
        describe(*this, value);
        return *this;
    }
    Record_Reader& blob(const char* sha256_name, const char* size_name, Blob_Ptr& blob) {
        blob = blobs_.hold_or_throw(json_.at(sha256_name), json_.at(size_name));
        return *this;
    }
    Record_Reader& optional_blob(const char* sha256_name, const char* size_name, Blob_Ptr& blob) {
        return json_.at(sha256_name) == "" ? *this : this->blob(sha256_name, size_name, blob);
    }
    template <class Map, class Key_Of>
    Record_Reader& values(const char* name, Map& map, Key_Of&& key_of) {
        for (const Json& json : json_.at(name)) {
            typename Map::mapped_type value{};
            read(json, value);
            auto key = key_of(value);
            map.insert_or_assign(std::move(key), std::move(value));
        }
        return *this;
    }

    Blobs& blobs() const { return blobs_; }

    template <class T>
    void read(const Json& json, T& value) const {
        if constexpr (Described<T>) {
            Record_Reader reader(json, blobs_);
            describe(reader, value);
        } else {
            value = json.get<T>();
        }
    }
    void read(const Json& json, base::Time& time) const { time = base::from_unix_ms(json.get<std::int64_t>()); }
    void read(const Json& json, std::chrono::seconds& duration) const {
        duration = std::chrono::seconds(json.get<std::int64_t>());
    }
    template <class T>
    void read(const Json& json, std::optional<T>& value) const {
        read(json, value.emplace());
    }
    template <class T>
    void read(const Json& json, std::shared_ptr<const T>& value) const {
        auto read_value = std::make_shared<T>();
        read(json, *read_value);
        value = std::move(read_value);
    }
    template <Described T>
    void read(const Json& json, std::vector<T>& values) const {
        for (const Json& item : json.get_ref<const Json::array_t&>()) read(item, values.emplace_back());
    }
    template <Described T>
    void read(const Json& json, std::map<std::string, T>& values) const {
        for (const auto& [key, item] : json.get_ref<const Json::object_t&>()) read(item, values[key]);
    }

private:
    const Json& json_;
    Blobs& blobs_;
};

/// A kind of records: its name in the store and the version of the structure of its values.
struct Record_Kind {
    std::string_view name;
    int version = 1;
    /// Converts the value of a record of an older version to the current structure. Needed if `version` is above 1.
    Json (*upgrade)(std::string_view value, int version) = nullptr;
};

using Take_Json = std::function<void(const std::string& key, const Json& value)>;
/// Calls `take` with the current structure of each record. If `rewrite` is set, upgraded records are stored.
std::size_t read_json_records(Store& store, const Record_Kind& kind, bool rewrite, const Take_Json& take);

/// The records of one kind. `T` has a field list.
template <class T>
class Records {
public:
    Records(Store& store, Record_Kind kind) : store_(store), kind_(kind) {}

    void put(std::string key, const T& record) {
        store_.put(kind_.name, std::move(key), base::dump_json_lossy(Record_Writer::json_of(record)), kind_.version);
    }
    void erase(std::string key) { store_.erase(kind_.name, std::move(key)); }

    /// Calls `take` with each record in the order of the keys. The first call, when the engine starts, also upgrades
    /// the records of an older engine in the store. A record that cannot be converted, or for which `take` throws, is
    /// skipped: see Store::read_records(). Returns the number of skipped records.
    std::size_t load(const std::function<void(const std::string& key, T record)>& take) {
        const bool rewrite = !std::exchange(loaded_, true);
        return read_json_records(store_, kind_, rewrite, [&](const std::string& key, const Json& json) {
            T record{};
            Record_Reader(json, store_.blobs())(record);
            take(key, std::move(record));
        });
    }

private:
    Store& store_;
    const Record_Kind kind_;
    bool loaded_ = false;
};

}  // namespace osbot_aws::store
