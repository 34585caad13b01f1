# Checks a link that came from elsewhere before it is used.
variable "agent_url" {
  description = "Presigned URL of the agent, as the platform team hands it out."
  type        = string
  sensitive   = true
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
