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

resource "kubernetes_manifest" "roster" {
  for_each = local.objects
  manifest = each.value

  depends_on = [kubernetes_secret_v1.roster]
}
