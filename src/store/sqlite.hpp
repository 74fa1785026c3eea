#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace osbot_aws::store {

/// What SQLite answered. Thrown inside this room only: the store turns it into an Error.
class Sqlite_Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One connection. Not for two threads at once: the store holds a mutex around it.
class Sqlite {
public:
    explicit Sqlite(const std::filesystem::path& file);  ///< ":memory:" for none
    ~Sqlite();
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    void run(std::string_view sql);  ///< any number of statements, without results
    std::int64_t number(std::string_view sql);
    bool in_transaction() const;

private:
    friend class Sqlite_Statement;
    [[noreturn]] void fail(std::string_view doing) const;
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

    /// One use: binds in order, steps, and resets when it goes. Texts are bound in place: they outlive the use.
    class Use {
    public:
        explicit Use(Sqlite_Statement& statement);
        ~Use();
        Use(const Use&) = delete;
        Use& operator=(const Use&) = delete;

        Use& operator()(std::string_view text);
        Use& operator()(std::int64_t number);
        Use& blob(std::string_view bytes);

        void run();   ///< to its end
        bool next();  ///< to the next row, if there is one
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
