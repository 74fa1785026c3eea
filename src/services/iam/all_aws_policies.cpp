#include "base/gzip.hpp"
#include "embedded/aws_policies_tsv_gz.hpp"
#include "services/iam/aws_policies.hpp"

namespace osbot_aws::services {

std::string all_aws_policies() {
    constexpr std::size_t table_bytes_max = std::size_t{16} << 20;
    return base::gzip_decompress(embedded::aws_policies_tsv_gz, table_bytes_max).value();
}

}  // namespace osbot_aws::services
