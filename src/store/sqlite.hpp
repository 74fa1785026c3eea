#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace osbot_aws::store {

/// An error of SQLite. Thrown inside this component only: the store converts it to an Error.
class Sqlite_Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A connection. Not thread-safe: the store protects it with a mutex.
class Sqlite {
public:
    explicit Sqlite(const std::filesystem::path& file);  ///< ":memory:" for a database in memory
    ~Sqlite();
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    void run(std::string_view sql);  ///< any number of statements, without results
    std::int64_t number(std::string_view sql);
    bool in_transaction() const;

private:
    friend class Sqlite_Statement;
    [[noreturn]] void fail(std::string_view action) const;
    sqlite3* database_ = nullptr;
};

/// A prepared statement: compiled once, used many times.
///
///     insert.use()(name)(42).run();
///     for (auto row = select.use()(name); row.next();) take(row.text(0));
class Sqlite_Statement {
public:
    Sqlite_Statement(Sqlite& database, std::string_view sql);
    ~Sqlite_Statement();
    Sqlite_Statement(const Sqlite_Statement&) = delete;
    Sqlite_Statement& operator=(const Sqlite_Statement&) = delete;

    /// One execution: binds parameters in order and steps; the destructor resets the statement. Texts are not copied:
    /// they must outlive the execution.
    class Use {
    public:
        explicit Use(Sqlite_Statement& statement);
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

        Use& operator()(std::string_view text);
        Use& operator()(std::int64_t number);
        Use& blob(std::string_view bytes);

        void run();   ///< executes the statement and ignores its rows
        bool next();  ///< advances to the next row; false if there is none
        std::string text(int column) const;
        std::int64_t integer(int column) const;

    private:
        Sqlite_Statement& statement_;
        int bound_ = 0;
    };
    Use use() { return Use{*this}; }

private:
    Sqlite& database_;
    sqlite3_stmt* statement_ = nullptr;
};

}  // namespace osbot_aws::store
