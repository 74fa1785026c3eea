// A program with two handlers of the same name, which must abort before main.
#include <cstdio>

#include <osbot_aws/runtime/handler.hpp>

using namespace osbot_aws;

namespace shop {
std::string price(std::string_view, const Context&) { return "1"; }
}  // namespace shop

std::string shop_price(std::string_view, const Context&) { return "2"; }

int main() {
    std::puts("main continues");
    return handler<shop::price>.call == handler<shop_price>.call;
}
