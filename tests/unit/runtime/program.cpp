// A program with handlers of every kind, for serve_test. In Lambda, its main must not continue after serve_if_lambda().
#include <cstdio>
#include <stdexcept>

#include <osbot_aws/runtime/handler.hpp>

using namespace osbot_aws;

namespace shop {

struct Out_Of_Stock : std::runtime_error {
    using std::runtime_error::runtime_error;
};

Json price(const Json& event, const Context& context) {
    std::printf("pricing %s\n", event.at("item").get<std::string>().c_str());
    return {{"item", event.at("item")}, {"request", context.request_id}, {"memory", context.memory_limit_mb}};
}

Json sold_out(const Json&, const Context&) { throw Out_Of_Stock("no more of these"); }

}  // namespace shop

namespace {

std::string echo(std::string_view event, const Context&) { return std::string(event); }

void pieces(std::string_view, const Context&, Response_Writer& response) {
    response.write("one ");
    response.write("two");
}

Json throws_a_number(const Json&, const Context&) { throw 7; }

Json about_the_call(const Json&, const Context& context) {
    return {{"arn", context.invoked_function_arn},
            {"name", context.function_name},
            {"version", context.function_version},
            {"log_group", context.log_group},
            {"log_stream", context.log_stream},
            {"trace", context.trace_id},
            {"client", context.client_context},
            {"identity", context.identity},
            {"deadline_ms", std::chrono::floor<std::chrono::milliseconds>(context.deadline.time_since_epoch()).count()},
            {"has_time", context.remaining_time().count() > 0}};
}

const Handler_Ref all[] = {handler<shop::price>, handler<shop::sold_out>,  handler<echo>,
                           handler<pieces>,      handler<throws_a_number>, handler<about_the_call>};

}  // namespace

int main() {
    serve_if_lambda();
    std::puts("main continues");
    return all[0].call == nullptr;
}
