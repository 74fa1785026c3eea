// GoogleTest's main for programs that deploy handlers of their own: inside Lambda the same program serves them.
#include <gtest/gtest.h>

#include <osbot_aws/runtime/handler.hpp>

int main(int argc, char** argv) {
    osbot_aws::serve_if_lambda();
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
