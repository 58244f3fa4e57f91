variable "namespace" {
  description = "Namespace, which this module makes."
  type        = string
  default     = "roster"
}

variable "image" {
  description = "Image with its tag or digest."
  type        = string
}

variable "host" {
  description = "Name under which clients reach Roster."
  type        = string
}

variable "settings" {
  description = "Settings that are no secrets, such as DB_HOST; see .env.example."
  type        = map(string)
  default     = {}
}

variable "secrets" {
  description = "Settings that are secrets: SECRET_KEY and DB_PASSWORD at least. They end up in the state, so encrypt it."
  type        = map(string)
  sensitive   = true

  validation {
    condition     = length(lookup(var.secrets, "SECRET_KEY", "")) >= 32
    error_message = "secrets: SECRET_KEY needs 32 characters or more."
  }
}

variable "replicas" {
  description = "Least and most servers."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 10 }

  validation {
    condition     = var.replicas.min >= 1 && var.replicas.max >= var.replicas.min
    error_message = "replicas: min is 1 or more, and max is not below it."
  }
}
