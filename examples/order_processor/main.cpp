// A program that packages, deploys and calls itself as a Lambda function.
//     order_processor order.json
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <osbot_aws/deploy/Deploy_Lambda.hpp>

#include "order.hpp"

using namespace osbot_aws;

double money(std::int64_t cents) { return static_cast<double>(cents) / 100; }

// [start handler]
Json process_order(const Json& event, const Context& context) {
    // If the function is called through its URL, the order is the body of the request.
    const shop::Order order =
        shop::parse_order(event.contains("body") ? Json::parse(event["body"].get<std::string>()) : event);
    std::cout << "order " << order.id << " of " << order.customer_name << ": " << order.items.size() << " items\n";

    const shop::Totals totals = shop::price(order);
    if (totals.discount_cents > 0) std::cout << "discount for a large order: " << totals.discount_cents << " cents\n";
    if (const char* level = std::getenv("LOG_LEVEL"); level && std::string_view(level) == "debug") {
        std::cout << "debug: request " << context.request_id << ", " << context.remaining_time().count()
                  << " ms left\n";
    }
    return {{"order_id", order.id},
            {"net", money(totals.net_cents)},
            {"discount", money(totals.discount_cents)},
            {"tax", money(totals.tax_cents)},
            {"total", money(totals.total_cents)}};
}
// [end handler]

// [start main]
int main(int argc, char** argv) {
    Deploy_Lambda deploy{handler<process_order>};
    deploy.print_progress();
    if (const char* level = std::getenv("LOG_LEVEL")) deploy.set_env_variable("LOG_LEVEL", level);
    if (!deploy.deploy()) return std::cerr << deploy.last_error() << '\n', 1;

    const Json order = Json::parse(std::ifstream(argc > 1 ? argv[1] : "order.json"));
    const auto response = deploy.invoke_return_logs(order);
    std::cout << "\nresult\n"
              << response.return_value.dump(2) << "\n\nexecution logs\n"
              << response.execution_logs << '\n';

    deploy.lambda_function().function_url_create_with_public_access();
    const std::string url = deploy.function_url();
    std::cout << "function URL\n"
              << url << "\n\ncurl " << url << " -H 'content-type: application/json' -d @"
              << (argc > 1 ? argv[1] : "order.json") << '\n';
}
// [end main]
