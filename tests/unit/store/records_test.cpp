#include "store/records.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "store/log_sizes.hpp"
#include "store/sqlite.hpp"
#include "support/printers.hpp"

namespace osbot_aws::store {

struct Wheel {
    std::string place;
    std::optional<int> pressure;
};

struct Car {
    std::string name;
    int year = 0;
    base::Time built_at{};
    Blob_Ptr picture;
    std::vector<std::string> owners;
    std::vector<Wheel> wheels;
    std::map<std::int64_t, Wheel> spares;
};

template <class Fields>
void describe(Fields& f, Of<Fields, Wheel>& wheel) {
    f("place", wheel.place).optional("pressure", wheel.pressure);
}

template <class Fields>
void describe(Fields& f, Of<Fields, Car>& car) {
    f("name", car.name)("year", car.year)("built_ms", car.built_at)("wheels", car.wheels);
    f.optional_blob("sha256", "size", car.picture).optional("owners", car.owners);
    f.values("spares", car.spares, [](const Wheel& wheel) { return std::int64_t{wheel.pressure.value_or(0)}; });
}

namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Record_Kind cars_1{.name = "car"};
/// Version 2 has a year.
const Record_Kind cars_2{.name = "car", .version = 2, .upgrade = [](std::string_view value, int version) {
                             Json json = base::parse_json_or_throw(value);
                             json["year"] = 1900 + version;
                             return json;
                         }};

struct Records_Test : testing::Test {
    std::unique_ptr<Store> store = Store::in_memory().value();

    std::map<std::string, Car> load(Records<Car>& records) {
        std::map<std::string, Car> found;
        skipped = records.load([&](const std::string& key, Car car) { found[key] = std::move(car); });
        return found;
    }
    std::map<std::string, Car> load(const Record_Kind& kind = cars_1) {
        Records<Car> records(*store, kind);
        return load(records);
    }
    std::size_t skipped = 0;
};

constexpr const char* old_car = R"({"name":"old","built_ms":7,"wheels":[],"sha256":"","size":0,"spares":[]})";

TEST_F(Records_Test, load_returns_all_fields_of_stored_records) {
    const auto picture = store->blobs().put("picture").value();
    Records<Car> records(*store, cars_1);
    records.put("a", {.name = "first",
                      .year = 2020,
                      .built_at = base::from_unix_ms(1'500),
                      .picture = picture,
                      .owners = {"x", "y"},
                      .wheels = {{"left", 2}, {"right", {}}},
                      .spares = {{7, {"trunk", 7}}}});
    records.put("b", {.name = "second"});
    records.put("c", {});
    records.erase("c");

    auto found = load();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found["a"].year, 2020);
    EXPECT_EQ(found["a"].built_at, base::from_unix_ms(1'500));
    EXPECT_EQ(found["a"].picture, picture);
    EXPECT_THAT(found["a"].owners, ElementsAre("x", "y"));
    EXPECT_EQ(found["a"].wheels.at(0).pressure, 2);
    EXPECT_EQ(found["a"].wheels.at(1).pressure, std::nullopt);
    EXPECT_EQ(found["a"].spares.at(7).place, "trunk");
    EXPECT_EQ(found["b"].picture, nullptr);
    EXPECT_EQ(store->load("car").at(1).value,
              R"({"built_ms":0,"name":"second","sha256":"","size":0,"spares":[],"wheels":[],"year":0})")
        << "empty optional fields are omitted";
}

TEST_F(Records_Test, records_with_missing_or_mistyped_fields_are_skipped_and_stay) {
    const std::vector<std::string> damaged{"", "{", "{}", "[1]", old_car, R"({"name":1})"};
    for (const std::string& value : damaged) store->put("car", "damaged " + value, value);
    Records<Car>(*store, cars_1).put("good", {});

    EXPECT_EQ(load().size(), 1U);
    EXPECT_EQ(skipped, damaged.size());
    EXPECT_EQ(store->unreadable_records(), damaged.size());
    EXPECT_EQ(store->load("car").size(), damaged.size() + 1);
}

TEST_F(Records_Test, first_load_upgrades_records_of_an_older_version) {
    store->put("car", "a", old_car);
    store->put("car", "damaged", "{");
    auto found = load(cars_2);
    EXPECT_EQ(found.at("a").year, 1901);
    EXPECT_EQ(skipped, 1U);

    const auto stored = store->load("car");
    EXPECT_EQ(stored.at(0).version, 2);
    EXPECT_THAT(stored.at(0).value, HasSubstr(R"("year":1901)"));
    EXPECT_EQ(stored.at(1).version, 1) << "an unreadable record stays unchanged";
    EXPECT_EQ(stored.at(1).value, "{");
    EXPECT_EQ(load(cars_2).at("a").year, 1901) << "it is not upgraded twice";
}

TEST_F(Records_Test, reload_writes_nothing) {
    Records<Car> records(*store, cars_2);
    load(records);
    store->put("car", "a", old_car);
    const auto last_change = store->last_change();
    EXPECT_EQ(load(records).at("a").year, 1901);
    EXPECT_EQ(store->last_change(), last_change) << "a write that fails would reload the state again";
}

TEST_F(Records_Test, record_of_a_newer_version_prevents_the_start) {
    store->put("car", "a", old_car, 3);
    try {
        load(cars_2);
        FAIL() << "it was read";
    } catch (const Aws_Exception& refused) {
        EXPECT_EQ(refused.error().code, "StateFolderError");
        EXPECT_THAT(refused.error().message, HasSubstr("the record car a has version 3"));
        EXPECT_THAT(refused.error().message, HasSubstr("versions up to 2"));
    }
    EXPECT_EQ(store->load("car").at(0).version, 3);
}

TEST(Schema_Test, database_of_schema_1_gets_versions_and_sizes) {
    const base::Temporary_Folder folder;
    {
        Sqlite database{folder.path() / "state.db"};
        database.run(
            "CREATE TABLE record (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, key)) "
            "STRICT, WITHOUT ROWID;"
            "CREATE TABLE log_stream (id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, name TEXT NOT NULL, "
            "UNIQUE (log_group, name)) STRICT;"
            "CREATE TABLE log_event (sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, "
            "timestamp_ms INTEGER NOT NULL, ingestion_ms INTEGER NOT NULL, message TEXT NOT NULL) STRICT;"
            "INSERT INTO log_stream VALUES (1, 'g', 's'); INSERT INTO log_event VALUES (1, 1, 5, 5, 'grüße');"
            "INSERT INTO record VALUES ('car', 'a', CAST('1' AS BLOB)); PRAGMA user_version = 1;");
    }
    for (int start = 0; start < 2; ++start) {
        const auto store = Store::open(folder.path()).value();
        ASSERT_EQ(store->load("car").size(), 1U);
        EXPECT_EQ(store->load("car")[0].version, 1);
        EXPECT_EQ(log_bytes(*store, "g"), 7 + log_event_overhead);
    }
}

}  // namespace
}  // namespace osbot_aws::store
