terraform {
  required_version = ">= 1.6"

  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = "~> 2.30"
    }
  }
}

resource "kubernetes_namespace_v1" "roster" {
  metadata {
    name   = var.namespace
    labels = { "pod-security.kubernetes.io/enforce" = "restricted" }
  }
}

resource "kubernetes_secret_v1" "roster" {
  metadata {
    name      = "roster"
    namespace = kubernetes_namespace_v1.roster.metadata[0].name
  }

  data = var.secrets
}

# What pods need, the migration, and then everything else: servers refuse to start
# while migrations are pending.
locals {
  first = toset(["configmap", "serviceaccount", "networkpolicy"])
}

resource "kubernetes_manifest" "first" {
  for_each = { for name, object in local.objects : name => object if contains(local.first, name) }
  manifest = each.value

  depends_on = [kubernetes_secret_v1.roster]
}

resource "kubernetes_manifest" "migrate" {
  manifest = local.objects["migrate"]

  wait {
    condition {
      type   = "Complete"
      status = "True"
    }
  }

  timeouts {
    create = "60m"
  }

  depends_on = [kubernetes_manifest.first]
}

resource "kubernetes_manifest" "roster" {
  for_each = { for name, object in local.objects : name => object if name != "migrate" && !contains(local.first, name) }
  manifest = each.value

  depends_on = [kubernetes_manifest.migrate]
}
