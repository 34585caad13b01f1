# Signing needs no network, so no mock and no account. The keys can be anything.
provider "alioss" {
  region     = "cn-hangzhou"
  access_key = "LTAI5tExampleKeyId000001"
  secret_key = "example-secret-of-the-tests-0001"
}

run "signs_the_object" {
  command = plan # creates nothing

  assert {
    condition     = strcontains(output.url, "/agent/agent-1.4.2.tar.gz?")
    error_message = "The link must be for the agent."
  }
}
