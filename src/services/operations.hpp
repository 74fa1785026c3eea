#pragma once

#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <osbot_aws/core/Json.hpp>

#include "aws/fields.hpp"
#include "aws/input.hpp"
#include "aws/model.hpp"
#include "aws/output.hpp"
#include "aws/routes.hpp"
#include "base/loop.hpp"
#include "services/authorizer.hpp"
#include "services/context.hpp"
#include "services/service_api.hpp"
#include "wire/http.hpp"

namespace osbot_aws::services {

/// An action of S3 on an object, for an operation on many objects.
struct Object_Action {
    std::string action, resource;  ///< "s3:DeleteObject", an ARN
    std::string version = {};      ///< as in the request; "": none
    std::string if_match = {};     ///< the ETags of a condition
};

/// A valid call of an operation.
struct Call {
    services::Account account;
    Json input;             ///< by the model (aws/input.hpp)
    wire::Request request;  ///< for facts outside the input, such as the session token of a signature
    std::string request_id;
    std::optional<std::string> blob = {};  ///< of an operation that takes_blob; then it is not in the input
    /// S3: what the operation adds to its error. Shared with the writer of the response.
    std::shared_ptr<aws::Error_Details> error_details = {};
    std::function<bool()> client_closed = {};   ///< as in Service_Request
    std::shared_ptr<const Caller> caller = {};  ///< as in Service_Request
    /// Returns the error if the caller may not perform an action on an object. Null: all callers may. For an operation
    /// on many objects, each of which is allowed or not, and for one that depends on the state of an object. The
    /// callers of other operations are checked before they run.
    std::function<std::optional<Error>(const Object_Action& action)> denial = {};

    aws::Fields fields() const { return aws::Fields(input); }
};

/// The result of an operation.
struct Output {
    Output(Json members_) : members(std::move(members_)) {}
    Output(Json members_, wire::Body payload_) : members(std::move(members_)), payload(std::move(payload_)) {}

    Json members;                ///< by the model (aws/output.hpp)
    int status = 0;              ///< 0: that of the model
    wire::Body payload = {};     ///< of an operation whose output has a payload of bytes
    wire::Headers headers = {};  ///< that the model lacks
    std::vector<aws::Long_List> lists = {};
};

/// Returns the output of operations without members.
inline Result<Json> no_output(const Result<void>& done) {
    return done.and_then([]() -> Result<Json> { return Json::object(); });
}

/// Takes the result of an operation, once, on the loop.
using Answer = std::function<void(Result<Output>)>;

/// The operations of a service that the engine has, by their names in the model:
///
///     Operations(sts, {{"AssumeRole", &assume_role}, {"GetCallerIdentity", &get_caller_identity}})
///
/// An operation is a function of the service's state and the call. One that waits for something takes an Answer. One
/// that reads its request and writes its response by itself, without the model, takes a Service_Request and a Reply.
class Operations {
public:
    struct Implementation {
        std::function<void(Call&&, const Answer&)> run;
        std::function<void(Service_Request&&, Reply)> run_raw;  ///< then run is null
        bool takes_blob = false;  ///< its document may have one large blob (aws::read_input_with_blob())
    };
    /// A member of an input for a feature that the engine lacks: a request with it is rejected.
    struct Rejected {
        std::string_view operation, member;
    };

    /// A name and a function, in one of the four forms.
    template <class State>
    struct Entry {
        Entry(std::string_view name_, Result<Json> (*run_)(State&, const Call&))
            : name(name_), run([run_](State& state, Call&& call, const Answer& answer) {
                  Result<Json> output = run_(state, call);
                  answer(output ? Result<Output>(Output(std::move(*output))) : output.error());
              }) {}
        Entry(std::string_view name_, Result<Output> (*run_)(State&, const Call&))
            : name(name_),
              run([run_](State& state, Call&& call, const Answer& answer) { answer(run_(state, call)); }) {}
        Entry(std::string_view name_, void (*run_)(State&, Call&&, const Answer&), bool takes_blob_ = false)
            : name(name_), run(run_), takes_blob(takes_blob_) {}
        Entry(std::string_view name_, void (*run_)(State&, Service_Request&&, Reply)) : name(name_), run_raw(run_) {}

        std::string_view name;
        std::function<void(State&, Call&&, const Answer&)> run;
        void (*run_raw)(State&, Service_Request&&, Reply) = nullptr;
        bool takes_blob = false;
    };

    template <class State>
    Operations(State& state, std::initializer_list<Entry<State>> entries) {
        for (const Entry<State>& entry : entries) {
            Implementation& added = all_[std::string(entry.name)];
            added.takes_blob = entry.takes_blob;
            if (entry.run_raw != nullptr)
                added.run_raw = [&state, run = entry.run_raw](Service_Request&& request, Reply reply) {
                    run(state, std::move(request), std::move(reply));
                };
            else
                added.run = [&state, run = entry.run](Call&& call, const Answer& answer) {
                    run(state, std::move(call), answer);
                };
        }
    }

    /// Adds the operations of another table.
    void add(Operations other) {
        all_.merge(other.all_);
        rejected_.insert(rejected_.end(), other.rejected_.begin(), other.rejected_.end());
    }
    void reject(std::initializer_list<Rejected> members) { rejected_.insert(rejected_.end(), members); }
    /// Returns nullptr for an operation that the engine lacks.
    const Implementation* find(std::string_view name) const;
    /// Returns the first member of the input that is rejected, or nullptr.
    const Rejected* rejected_member(std::string_view operation, const Json& input) const;
    const std::map<std::string, Implementation, std::less<>>& all() const { return all_; }

private:
    std::map<std::string, Implementation, std::less<>> all_;
    std::vector<Rejected> rejected_;
};
constexpr bool takes_blob = true;

/// The API of a service: reads and validates the input of a request by the model, runs its operation, and writes the
/// output or error in the service's protocol. An operation that the engine lacks is rejected by name. Loop thread only.
class Model_Api {
public:
    Model_Api(base::Loop& loop, const aws::Service& model, Operations operations)
        : loop_(loop), model_(model), operations_(std::move(operations)) {}
    virtual ~Model_Api() = default;
    Model_Api(const Model_Api&) = delete;
    Model_Api& operator=(const Model_Api&) = delete;

    /// Handles a request. `reply` is called once on the loop, immediately or later.
    void handle(Service_Request sent, Reply reply);
    /// Returns true for an operation that takes a Service_Request. It waits until its changes are durable by itself.
    bool runs_raw(const aws::Route& route) const {
        const Operations::Implementation* found = find(route);
        return found != nullptr && found->run_raw != nullptr;
    }
    const aws::Service& model() const { return model_; }
    const Operations& operations() const { return operations_; }
    /// From now on the caller of each operation must be authorized. `authorizer` outlives this object.
    void set_authorizer(const Authorizer& authorizer) { authorizer_ = &authorizer; }

protected:
    /// Checks a request before its operation is looked up. May change its headers.
    virtual Result<void> check_request(const aws::Route&, Call&) { return {}; }
    /// Checks an input that is valid by the model before the operation runs.
    virtual Result<void> check_input(const aws::Route&, const Call&) { return {}; }
    virtual wire::Response error_response(const aws::Route&, const Error& error, const aws::Error_Details& details,
                                          std::string_view request_id);

private:
    struct Job;
    const Operations::Implementation* find(const aws::Route& route) const {
        return route.operation == nullptr ? nullptr : operations_.find(route.operation->name);
    }
    /// Reads and checks the input of a job.
    std::optional<Error> read_input(Job& job) const;
    /// Reads the input of a request, whose operation will read it again, and authorizes its caller.
    Result<void> authorize_raw(Service_Request& sent) const;
    void start(Job job);
    void run(Job job, const std::optional<Error>& invalid);
    Answer answer_of(const Job& job);

    base::Loop& loop_;
    const aws::Service& model_;
    Operations operations_;
    const Authorizer* authorizer_ = nullptr;  // nullptr: all callers may run all operations
};

}  // namespace osbot_aws::services
