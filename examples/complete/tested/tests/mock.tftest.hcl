# A mock of the data source. Terraform 1.7, OpenTofu 1.8.
mock_provider "alioss" {
  mock_data "alioss_presigned_url" {
    defaults = {
      url        = "https://examplebucket.example.com/agent.tar.gz"
      expires_at = "2100-01-01T00:00:00Z"
    }
  }
}

run "passes_the_link_on" {
  command = plan

  assert {
    condition     = startswith(output.url, "https://examplebucket.")
    error_message = "The output must be the link."
  }
}
