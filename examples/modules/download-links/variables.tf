variable "bucket" {
  description = "Bucket of the objects."
  type        = string
}

variable "objects" {
  description = "Objects by names of your own. Without version: the current one."
  type = map(object({
    key     = string
    version = optional(string)
  }))

  validation {
    condition     = length(var.objects) > 0
    error_message = "Name at least one object."
  }
}

variable "domain" {
  description = "Custom domain mapped to the bucket. Default: the public endpoint."
  type        = string
  default     = null
}

variable "expiry" {
  description = "How long a link is valid from the moment of signing, at most 7d."
  type        = string
  default     = "7d"
}

variable "renew_before" {
  description = "Renew a link when less than this is left."
  type        = string
  default     = "1d"
}
