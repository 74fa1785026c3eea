#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock.hpp"
#include "http/asio_loop.hpp"
#include "http/http_limits.hpp"
#include "http/request_reader.hpp"
#include "http/response_writer.hpp"
#include "http/routed_request.hpp"
#include "http/socket.hpp"

namespace osbot_aws::http {

class Connection;

/// The state that the connections of a server share.
struct Connections {
    Connections(Asio_Loop& asio_loop, Router to, Http_Limits http_limits)
        : loop(asio_loop), router(std::move(to)), limits(std::move(http_limits)) {}
    virtual ~Connections() = default;
    virtual void connection_closed() = 0;
    /// The Date header, which SDKs use to correct clock skew. Formatted once per second.
    const std::string& date();
    /// Returns the connections that count for the limit.
    const std::unordered_set<Connection*>& limited() const { return limits.shared ? limits.shared->open : open; }
    bool is_full() const { return limited().size() >= limits.connections_max; }
    void add(Connection* connection) {
        open.insert(connection);
        if (limits.shared) limits.shared->open.insert(connection);
    }
    void remove(Connection* connection) {
        open.erase(connection);
        if (limits.shared) limits.shared->open.erase(connection);
    }

    Asio_Loop& loop;
    const Router router;
    const Http_Limits limits;
    std::unordered_set<Connection*> open;
    std::vector<char> large_block;  ///< of one read; shared, so that slow connections do not each hold one
    bool closed = false;

private:
    base::Time date_of_{};
    std::string date_;
};

/// A connection: reads a request, routes it when its head was received, passes it to its handler, writes the response,
/// and repeats.
///
///     idle -> head -> body ---------> handling -> idle
///                  -> stream <-> paused -^
///     head, body -> refused -> draining
class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(std::shared_ptr<Connections> server, Socket socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();
    bool overdue(Steady::time_point now) const { return (deadline_ && now > *deadline_) || writer_.stalled(now); }
    /// The time since which the connection waits for a request; nullopt during a request.
    std::optional<Steady::time_point> idle_since() const;
    void close();
    /// Called when the server is destroyed. The reader of a streamed body often references this connection, which
    /// references the body: ending the body breaks this cycle.
    void end();
    /// Called at the deadline. Closes the connection between requests; within a request, responds with an error first.
    void time_out();

private:
    enum class State {
        idle,      ///< waits for a request
        head,      ///< receives the head
        body,      ///< receives the body into memory
        stream,    ///< passes the body to the handler, which has the request
        paused,    ///< the handler cannot take more of the body
        handling,  ///< the handler has the complete request
        refused,   ///< the rest of the request is not needed
        draining   ///< the last response was written, and the rest of the request is read and dropped
    };

    void begin_request();
    /// Starts the period in which the head, the rest of the body or transfer_bytes_min of it must arrive.
    void renew_deadline();
    void count_received(std::size_t bytes);

    void read();
    /// Waits for bytes without a buffer, then passes up to large_block_bytes of them to `take_bytes`.
    template <class Take_Bytes>
    void read_large(Take_Bytes take_bytes);
    void received(std::string_view bytes);
    void parse();
    void take_head();
    void take_body();
    /// Returns the response if the body is too large.
    std::optional<wire::Response> too_large();
    /// Sends 100 Continue if the client waits for it. Then reads more of the body.
    void read_body();

    bool streams_body() const;
    void begin_stream();
    void take_stream();
    void pass_on(std::string_view bytes);
    void read_stream();
    void take_raw_block(std::string_view bytes);
    void end_stream();
    void abort_stream();
    void reject_stream();

    void dispatch(wire::Body body);
    bool client_closed();
    void respond(wire::Response response);
    void fail(const Error_Code& error);
    void refuse(wire::Response response);
    void written(bool complete);
    void drain();

    std::shared_ptr<Connections> server_;
    Socket socket_;
    State state_ = State::idle;
    Request_Reader reader_;
    Response_Writer writer_;
    std::array<char, 16'384> block_;
    std::optional<Steady::time_point> deadline_;
    Steady::time_point idle_since_;
    std::size_t bytes_in_period_ = 0;

    // The current request
    std::unique_ptr<Routed_Request> routed_;
    std::optional<Body_Limit> body_limit_;  ///< if its body is large and buffered
    wire::Headers cors_;                    ///< fields of the response for the page that sent it
    bool keep_alive_ = true;
    std::shared_ptr<wire::Body_Stream> incoming_;  ///< its body, if that is streamed and not complete
};

}  // namespace osbot_aws::http
