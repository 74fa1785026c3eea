// Performs the steps of Deploy_Lambda one by one: the seed's complete example "Deploy Lambda Function".
// [start program]
#include <iostream>

#include <osbot_aws/aws/iam/IAM_Role.hpp>
#include <osbot_aws/aws/lambda_/Lambda.hpp>
#include <osbot_aws/aws/s3/S3.hpp>

using namespace osbot_aws;

int main(int argc, char** argv) {
    const std::string code_folder = argc > 1 ? argv[1] : "examples/hello_python";

    // 1. Create IAM role
    IAM_Role role("my-lambda-role");
    role.create_for_lambda();

    // 2. Upload code to S3
    S3 s3;
    s3.bucket_create("my-bucket");
    s3.folder_upload(code_folder, "my-bucket", "lambdas/my-function.zip");

    // 3. Create Lambda function
    Lambda lambda_func("my-function");
    lambda_func.runtime = "python3.11";
    lambda_func.handler = "hello.handler";
    lambda_func.role = role.arn();
    lambda_func.s3_bucket = "my-bucket";
    lambda_func.s3_key = "lambdas/my-function.zip";
    lambda_func.memory = 512;
    lambda_func.timeout = 60;

    const Status result = lambda_func.create();
    if (result.status == "error") {
        std::cout << "Error: " << result.error << "\nData: " << result.data << '\n';
        return 1;
    }

    // 4. Wait for active
    lambda_func.wait_for_state_active();

    // 5. Create public URL
    lambda_func.function_url_create_with_public_access();

    // 6. Test invocation
    const Json response = lambda_func.invoke({{"name", "Ada"}});
    std::cout << "Response: " << response << "\nURL: " << lambda_func.function_url() << '\n';
}
// [end program]
