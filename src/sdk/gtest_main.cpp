// main() of GoogleTest programs that deploy their own handlers. Inside Lambda, the same program runs the handlers.
#include <gtest/gtest.h>

#include <osbot_aws/runtime/handler.hpp>

int main(int argc, char** argv) {
    osbot_aws::serve_if_lambda();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
