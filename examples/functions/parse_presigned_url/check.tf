# Checks a link that came from elsewhere before it is used.
variable "agent_url" {
  description = "Presigned URL of the agent, as the platform team hands it out."
  type        = string
  sensitive   = true
}

locals {
  agent = nonsensitive(provider::alioss::parse_presigned_url(var.agent_url))
}

check "agent_url" {
  assert {
    condition     = timecmp(local.agent.expires_at, timeadd(plantimestamp(), "1h")) > 0
    error_message = "The agent's URL expires at ${local.agent.expires_at}, too soon."
  }

  assert {
    condition     = contains(local.agent.signed_headers, "host")
    error_message = "The agent's URL is not bound to its host."
  }
}
