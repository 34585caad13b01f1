# Terraform 1.6 or OpenTofu 1.6. Signing needs no network, so no mock and no account,
# and the keys can be anything.
provider "alioss" {
  region     = "cn-hangzhou"
  access_key = "LTAI5tExampleKeyId000001"
  secret_key = "example-secret-of-the-tests-0001"
}

variables {
  bucket = "examplebucket"
  objects = {
    agent  = { key = "agent/agent-1.4.2.tar.gz" }
    report = { key = "reports/季度 报告.pdf", version = "CAEQEhiBgIDmgPf8mxgi" }
  }
}

run "signs_every_object" {
  assert {
    condition     = toset(keys(output.urls)) == toset(["agent", "report"])
    error_message = "There must be one link for each object."
  }

  assert {
    condition = strcontains(
      output.urls.report,
      "/reports/${replace(urlencode("季度 报告.pdf"), "+", "%20")}?",
    )
    error_message = "The link must be for the object."
  }

  assert {
    condition     = strcontains(output.urls.report, "versionId=CAEQEhiBgIDmgPf8mxgi")
    error_message = "The link must be for the version."
  }
}

run "signs_again_for_a_domain" {
  variables {
    domain = "downloads.example.com"
  }

  assert {
    condition     = startswith(output.urls.agent, "https://downloads.example.com/")
    error_message = "The link's host must be the domain."
  }
}

run "refuses_no_objects" {
  command = plan

  variables {
    objects = {}
  }

  expect_failures = [var.objects]
}
