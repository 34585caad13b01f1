# Terraform 1.7 or OpenTofu 1.8. With a mock, computed values are random letters.
# parse_presigned_url refuses such a URL, and timecmp such an expires_at: give whole
# values. Here ${~ ~} joins the lines.
mock_provider "alioss" {
  mock_resource "alioss_presigned_url" {
    defaults = {
      expires_at = "2100-01-01T00:00:00Z"
      url        = <<-EOT
        ${~"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent.tar.gz"~}
        ${~"?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=86400"~}
        ${~"&x-oss-date=20991231T000000Z&x-oss-credential=LTAI5tExampleKeyId000001"~}
        ${~"%2F20991231%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature="~}
        ${~"0000000000000000000000000000000000000000000000000000000000000000"~}
      EOT
    }
  }
}

variables {
  bucket  = "examplebucket"
  objects = { agent = { key = "agent.tar.gz" } }
}

run "passes_the_links_on" {
  assert {
    condition     = startswith(output.urls.agent, "https://examplebucket.")
    error_message = "The output must be the link."
  }
}

# Other values in one run. They apply when a link is created, so it is for a new object.
run "reports_an_expired_link" {
  variables {
    objects = { old = { key = "agent.tar.gz" } }
  }

  override_resource {
    target = alioss_presigned_url.this
    values = {
      expires_at = "2020-01-01T00:00:00Z"
      url        = <<-EOT
        ${~"https://examplebucket.oss-cn-hangzhou.aliyuncs.com/agent.tar.gz"~}
        ${~"?x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-expires=86400"~}
        ${~"&x-oss-date=20191231T000000Z&x-oss-credential=LTAI5tExampleKeyId000001"~}
        ${~"%2F20191231%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&x-oss-signature="~}
        ${~"0000000000000000000000000000000000000000000000000000000000000000"~}
      EOT
    }
  }

  expect_failures = [check.links_are_valid]
}
