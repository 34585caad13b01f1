# How a URL travels, each way as the documentation shows it.

variable "keys" {
  type = set(string)
}

data "alioss_presigned_url" "file" {
  for_each = var.keys
  bucket   = "examplebucket"
  key      = each.key
}

locals {
  urls      = { for key, link in data.alioss_presigned_url.file : key => link.url }
  user_data = { for key, url in local.urls : key => templatefile("${path.module}/user-data.yaml.tftpl", { url = url }) }
}

output "ways" {
  sensitive = true
  value = { for key, url in local.urls : key => {
    url           = url
    shell         = "curl -fsS -o file '${url}'\n"
    heredoc       = "URL=$(cat <<'EOF'\n${url}\nEOF\n)\ncurl -fsS -o file \"$URL\"\n"
    cloud_init    = yamldecode(local.user_data[key]).runcmd[0]
    cloud_init_v  = yamldecode(local.user_data[key]).runcmd[1]
    yamlencode    = yamlencode({ runcmd = ["curl -fsS -o file '${url}'"] })
    yaml          = yamldecode(yamlencode({ runcmd = ["curl -fsS -o file '${url}'"] })).runcmd[0]
    user_data     = base64encode(local.user_data[key])
    user_data_raw = local.user_data[key]
    json          = jsonencode({ url = url })
    curl          = "url = \"${url}\"\noutput = \"file\"\nfail\nsilent\nshow-error\n"
    env_file      = "URL=${url}\n"
    systemd       = "ExecStart=/usr/bin/curl -fsS -o file \"${replace(url, "%", "%%")}\""
    batch         = "curl.exe -fsS -o file \"${replace(url, "%", "%%")}\""
    markdown      = "Get [the file](${url}) or <${url}> within the hour."
  } }
}
