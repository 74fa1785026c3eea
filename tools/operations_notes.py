"""Texts of docs/reference/operations.md: the missing parts of operations, and the reasons for which others are refused."""

CODE = "`S3ObjectStorageMode` REFERENCE returns 501. The current version of an object is read; other IDs in `S3ObjectVersion` return NoSuchVersion."
SETTINGS = (
    "`VpcConfig`, `FileSystemConfigs`, `KMSKeyArn` and `TracingConfig` are stored and returned, but have no effect: the engine has no "
    "VPC, mounts no file system, encrypts nothing and sends no traces. Versions with `SnapStart` run their init and hooks when they are published, "
    "but no memory is copied. Functions of the runtimes of Java, Ruby and .NET can be "
    "created; their invokes fail with an error that names the fix.")
PUBLISH_TO = "`PublishTo` is rejected: AWS accepts it for functions with a capacity provider only."
DESTINATIONS = ("Queues, functions and buckets of this engine receive records and dead letters. A delivery to SNS or EventBridge is logged as not "
                "possible.")
POLICY = "Stored and returned. Only function URLs apply the policy."
DURABLE = "`DurableExecutionName` returns 501."
SIGNING = "Stored and returned. Signatures of code are not verified."
STORED_BY_SQS = ("`Policy`, `FifoThroughputLimit` and the attributes of encryption are stored and returned, but have no effect: "
                 "the engine limits no rate of requests and encrypts nothing.")
NOT_EVALUATED = "Checked, stored and returned. No request is rejected because of it."
STORED = "Checked, stored and returned, without an effect."
NOT_ENFORCED = "IAM policies are enforced only with `--enforce-iam`."
SESSION_POLICIES = "Session policies are enforced only with `--enforce-iam`."
MFA_CODES = "The codes of MFA devices are not verified."
NO_CONSOLE = "The password is for `ChangePassword` only: the engine has no console."

# Service -> {operation: the missing part}
PARTIAL = {
    "lambda": {
        "AddLayerVersionPermission": "Stored and returned. No request is rejected because of the policy.",
        "AddPermission": POLICY,
        "CreateCodeSigningConfig": SIGNING,
        "CreateEventSourceMapping": "SQS queues only; other sources return 501.",
        "CreateFunction": f"{SETTINGS} {CODE} {PUBLISH_TO}",
        "Invoke": DURABLE,
        "InvokeWithResponseStream": DURABLE,
        "PublishLayerVersion": CODE,
        "PublishVersion": PUBLISH_TO,
        "PutFunctionCodeSigningConfig": SIGNING,
        "PutFunctionEventInvokeConfig": DESTINATIONS,
        "PutFunctionRecursionConfig": "Applies to chains of functions that are destinations of each other.",
        "PutFunctionScalingConfig": "Stored and returned. The engine has no managed instances.",
        "PutResourcePolicy": POLICY,
        "PutRuntimeManagementConfig": "The engine has one version of each runtime. The ARN of the mode Manual is returned in `RuntimeVersionConfig`.",
        "UpdateCodeSigningConfig": SIGNING,
        "UpdateEventSourceMapping": "SQS queues only.",
        "UpdateFunctionCode": f"{CODE} {PUBLISH_TO}",
        "UpdateFunctionConfiguration": SETTINGS,
        "UpdateFunctionEventInvokeConfig": DESTINATIONS,
    },
    "s3": {
        "CreateBucket": "`Location` and `Bucket` of the configuration, which describe directory buckets, return 501.",
        "DeleteObjects": "`LastModifiedTime` and `Size` of an object return 501.",
        "PutBucketAcl": NOT_EVALUATED,
        "PutBucketLifecycleConfiguration": "Expirations act, on objects, older versions, delete markers and incomplete uploads. Transitions do not: objects change no class.",
        "PutBucketLogging": STORED,
        "PutBucketNotificationConfiguration": "Queues and functions of this engine receive events. Topics do not exist; EventBridge receives none.",
        "PutBucketPolicy": NOT_EVALUATED,
        "PutBucketReplication": STORED,
        "PutBucketRequestPayment": STORED,
        "PutBucketVersioning": "`MfaDelete` Enabled returns 501.",
        "PutBucketWebsite": STORED,
        "PutObject": "Objects are not encrypted on the disk, also those with a customer's key (SSE-C), which is compared.",
        "RestoreObject": "A restore takes no time. `Type`, `SelectParameters` and `OutputLocation` return 501.",
        "PutObjectAcl": NOT_EVALUATED,
        "PutObjectLockConfiguration": "`DefaultEventHold` returns 501.",
        "PutObjectRetention": "`EventHold` and `EventHoldDuration` return 501.",
        "PutPublicAccessBlock": "`BlockPublicAcls` and `BlockPublicPolicy` of a configuration that was put reject public ACLs and policies. The "
                                "others have no effect.",
        "RestoreObject": "Objects are restored at once. `Type`, `SelectParameters` and `OutputLocation` return 501.",
    },
    "sqs": {
        "AddPermission": "Stored in the policy of the queue, which is enforced only with `--enforce-iam`.",
        "CreateQueue": STORED_BY_SQS,
        "SetQueueAttributes": STORED_BY_SQS,
    },
    "iam": {
        **dict.fromkeys(
            ("AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "CreatePolicy", "CreatePolicyVersion", "PutGroupPolicy",
             "PutRolePermissionsBoundary", "PutRolePolicy", "PutUserPermissionsBoundary", "PutUserPolicy", "SetDefaultPolicyVersion"), NOT_ENFORCED),
        "CreateLoginProfile": NO_CONSOLE,
        "CreateVirtualMFADevice": "The device has no picture with a QR code.",
        "EnableMFADevice": MFA_CODES,
        "GetSSHPublicKey": "The key is returned in the encoding in which it was uploaded.",
        "ResyncMFADevice": MFA_CODES,
        "UploadServerCertificate": "The private key is not stored and not compared with the certificate.",
    },
    "sts": {
        "AssumeRole": f"Without `--enforce-iam`, only conditions `StringEquals` on `sts:ExternalId` of the trust policy are evaluated. {SESSION_POLICIES} {MFA_CODES}",
        "AssumeRoleWithSAML": f"The signature of the assertion is not verified. {SESSION_POLICIES}",
        "AssumeRoleWithWebIdentity": f"The signature of the token is not verified. {SESSION_POLICIES}",
        "AssumeRoot": "Every account may assume the root of another. The task policy is enforced only with `--enforce-iam`.",
        "DecodeAuthorizationMessage": "The engine returns no encoded messages, so every message is rejected as invalid.",
        "GetDelegatedAccessToken": "The engine issues no trade-in tokens, so every token is rejected as expired.",
        "GetFederationToken": SESSION_POLICIES,
        "GetScopedCredentials": SESSION_POLICIES,
        "GetSessionToken": MFA_CODES,
        "GetWebIdentityToken": "Returns AWS's error for accounts in which outbound federation is disabled.",
    },
    "logs": {
        "AssociateKmsKey": "The key is stored; nothing is encrypted. The key of query results returns 501.",
        "CreateDelivery": "Stored: the engine has no services that deliver logs.",
        "CreateExportTask": "The policy of the bucket is not checked.",
        "CreateLogGroup": "The key of `kmsKeyId` is stored; nothing is encrypted.",
        "DescribeLogGroups": "No accounts are linked.",
        "PutAccountPolicy": "Stored: account policies have no effect.",
        "PutDataProtectionPolicy": "Stored: no message is masked.",
        "PutDestination": "Stored: the engine has no streams.",
        "PutIndexPolicy": "Stored: queries read all events.",
        "PutMetricFilter": "Stored: no metric is published.",
        "PutResourcePolicy": "Stored: no request is rejected because of it.",
        "PutSubscriptionFilter": "Functions are the only destinations. `applyOnTransformedLogs`, `fieldSelectionCriteria` and `emitSystemFields` are "
                                 "stored.",
        "StartQuery": "The language of Logs Insights, without `pattern`, `diff`, `unmask` and `join`. SQL, PPL and `SOURCE` return 501.",
        "PutLogEvents": "`entity` is not stored: the response has `rejectedEntityInfo`.",
    },
}

# Service -> [(reason, pattern of the names)]; the first pattern that fits counts
REFUSED = {
    "lambda": [
        ("durable executions", "DurableExecution"),
        ("capacity providers of managed instances", "CapacityProvider"),
    ],
    "s3": [
        ("tables of metadata and annotations", "Metadata|Annotation"),
        ("directory buckets and access points", "CreateSession|ListDirectoryBuckets|RenameObject|WriteGetObjectResponse"),
        ("access by attributes, and changes of an object's encryption", "BucketAbac|UpdateObjectEncryption"),
        ("torrents and queries", "Torrent|SelectObjectContent"),
    ],
    "sqs": [],
    "iam": [
        ("contexts of IAM Identity Center", "UpdateOpenIDConnectProvider"),
        ("reports of the use of services and policies", "Report|LastAccessed|PoliciesGranting|HumanReadable"),
        ("organizations and delegation",
         "Organizations|Delegat|AcquireRole|RoleTemplate|AccountProperties|OutboundWebIdentity|SecurityTokenServicePreferences"),
    ],
    "sts": [],
    "logs": [
        ("scheduled queries and lookup tables", "ScheduledQuer|LookupTable"),
        ("objects and fields of large records", "LogObject|LogFields"),
        ("anomalies", "Anomal"),
        ("templates of deliveries, imports and integrations", "ImportTask|ConfigurationTemplates|Integration|Syslog"),
        ("storage and bearer tokens", "StorageTier|BearerToken"),
        ("transformers", "Transformer"),
        ("summaries of groups over accounts", "AggregateLogGroup"),
    ],
}
