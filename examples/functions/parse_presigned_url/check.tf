# A link that came from elsewhere is looked at before it is used.
variable "agent_url" {
  description = "Presigned URL of the agent, as the platform team hands it out."
  type        = string
  sensitive   = true
  default     = "https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent.tar.gz?x-oss-additional-headers=host&x-oss-credential=LTAI5tExampleKeyId000001%2F20991231%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-date=20991231T000000Z&x-oss-expires=86400&x-oss-signature=0000000000000000000000000000000000000000000000000000000000000000&x-oss-signature-version=OSS4-HMAC-SHA256"
}

check "agent_url" {
  assert {
    condition     = timecmp(provider::alioss::parse_presigned_url(var.agent_url).expires_at, timeadd(plantimestamp(), "1h")) > 0
    error_message = "The agent's URL ends at ${nonsensitive(provider::alioss::parse_presigned_url(var.agent_url).expires_at)}: less than an hour is left."
  }

  assert {
    condition     = contains(provider::alioss::parse_presigned_url(var.agent_url).signed_headers, "host")
    error_message = "The agent's URL is not bound to its host."
  }
}
