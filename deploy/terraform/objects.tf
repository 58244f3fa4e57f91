# Reads the objects from ../kubernetes/base, so the objects applied here are those
# checked there. This file needs no provider.
locals {
  base = {
    for file in fileset("${path.module}/../kubernetes/base", "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${path.module}/../kubernetes/base/${file}"))
    if file != "kustomization.yaml"
  }

  settings = merge(local.base["configmap"].data, { ALLOWED_HOSTS = var.host }, var.settings)

  # Changes that this module makes to an object, by file.
  changes = {
    configmap = { data = local.settings }
    ingress = { spec = merge(local.base["ingress"].spec, {
      tls   = [{ hosts = [var.host], secretName = "roster-tls" }]
      rules = [merge(local.base["ingress"].spec.rules[0], { host = var.host })]
    }) }
    hpa = { spec = merge(local.base["hpa"].spec, {
      minReplicas = var.replicas.min
      maxReplicas = var.replicas.max
    }) }
  }

  # Workloads with the image and a hash of the settings, so that pods are replaced
  # when settings change.
  workloads = { for name in ["web", "worker", "beat"] : name => { spec = merge(local.base[name].spec, {
    template = merge(local.base[name].spec.template, {
      metadata = merge(local.base[name].spec.template.metadata, {
        annotations = { "roster/settings" = sha256(jsonencode(local.settings)) }
      })
      spec = merge(local.base[name].spec.template.spec, {
        initContainers = [for c in local.base[name].spec.template.spec.initContainers : merge(c, { image = var.image })]
        containers     = [for c in local.base[name].spec.template.spec.containers : merge(c, { image = var.image })]
      })
    })
  }) } }

  objects = {
    for name, object in local.base : name => merge(object, lookup(local.changes, name, {}), lookup(local.workloads, name, {}), {
      metadata = merge(object.metadata, {
        namespace = var.namespace
        labels    = merge(lookup(object.metadata, "labels", {}), { "app.kubernetes.io/name" = "roster" })
      })
    })
  }
}

output "objects" {
  description = "Every object but the namespace and the Secret, as it is applied."
  value       = local.objects
}
