#include "store/sqlite.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace osbot_aws::store {

Sqlite::Sqlite(const std::filesystem::path& file) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(file.c_str(), &database_, flags, nullptr) != SQLITE_OK) {
        const std::string reason = database_ ? sqlite3_errmsg(database_) : "out of memory";
        sqlite3_close(database_);
        throw Sqlite_Error(fmt::format("cannot open {}: {}", file.string(), reason));
    }
    sqlite3_extended_result_codes(database_, 1);
}

Sqlite::~Sqlite() { sqlite3_close(database_); }

void Sqlite::fail(std::string_view action) const {
    throw Sqlite_Error(fmt::format("{}: {}", action, sqlite3_errmsg(database_)));
}

void Sqlite::run(std::string_view sql) {
    if (sqlite3_exec(database_, std::string(sql).c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("SQLite");
}

std::int64_t Sqlite::number(std::string_view sql) {
    Sqlite_Statement statement{*this, sql};
    auto row = statement.use();
    return row.next() ? row.integer(0) : 0;
}

// SQLite rolls back automatically after some failures (disk full), but not after others.
bool Sqlite::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

Sqlite_Statement::Sqlite_Statement(Sqlite& database, std::string_view sql) : database_(database) {
    const auto size = static_cast<int>(sql.size());
    if (sqlite3_prepare_v3(database.database_, sql.data(), size, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) !=
        SQLITE_OK) {
        database.fail("SQLite");
    }
}

Sqlite_Statement::~Sqlite_Statement() { sqlite3_finalize(statement_); }

Sqlite_Statement::Use::Use(Sqlite_Statement& statement) : statement_(statement) {}

Sqlite_Statement::Use::~Use() {
    sqlite3_reset(statement_.statement_);
    sqlite3_clear_bindings(statement_.statement_);
}

Sqlite_Statement::Use& Sqlite_Statement::Use::operator()(std::string_view text) {
    // SQLite binds NULL for a null pointer, and the pointer of an empty view may be null.
    const char* bytes = text.data() ? text.data() : "";
    if (sqlite3_bind_text64(statement_.statement_, ++bound_, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8) !=
        SQLITE_OK) {
        statement_.database_.fail("bind");
    }
    return *this;
}

Sqlite_Statement::Use& Sqlite_Statement::Use::operator()(std::int64_t number) {
    if (sqlite3_bind_int64(statement_.statement_, ++bound_, number) != SQLITE_OK) statement_.database_.fail("bind");
    return *this;
}

Sqlite_Statement::Use& Sqlite_Statement::Use::blob(std::string_view bytes) {
    const char* data = bytes.data() ? bytes.data() : "";
    if (sqlite3_bind_blob64(statement_.statement_, ++bound_, data, bytes.size(), SQLITE_STATIC) != SQLITE_OK) {
        statement_.database_.fail("bind");
    }
    return *this;
}

void Sqlite_Statement::Use::run() {
    while (next()) {}
}

bool Sqlite_Statement::Use::next() {
    switch (sqlite3_step(statement_.statement_)) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            return false;
        default:
            statement_.database_.fail("SQLite");
    }
}

std::string Sqlite_Statement::Use::text(int column) const {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_.statement_, column));
    return bytes ? std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column)))
                 : std::string{};
}

std::int64_t Sqlite_Statement::Use::integer(int column) const {
    return sqlite3_column_int64(statement_.statement_, column);
}

}  // namespace osbot_aws::store
