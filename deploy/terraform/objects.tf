# Reads the objects from ../kubernetes/base, so the objects applied here are those
# checked there. This file needs no provider.
locals {
  base = {
    for file in fileset("${path.module}/../kubernetes/base", "*.yaml") :
    trimsuffix(file, ".yaml") => yamldecode(file("${path.module}/../kubernetes/base/${file}"))
    if file != "kustomization.yaml"
  }

  # NAME=value of ../kubernetes/base/settings.env.
  shipped  = { for pair in regexall("(?m)^([A-Z_]+)=(.*)$", file("${path.module}/../kubernetes/base/settings.env")) : pair[0] => pair[1] }
  settings = merge(local.shipped, { ALLOWED_HOSTS = var.host }, var.settings)

  configmap = { apiVersion = "v1", kind = "ConfigMap", metadata = { name = "roster" }, data = local.settings }

  # Pods of the migration and of backups, with the image. The migration's name changes
  # with image and settings, because a finished Job cannot change.
  migrate_pod = local.base["migrate"].spec.template
  backup_job  = local.base["backup"].spec.jobTemplate

  # Changes that this module makes to an object, by file.
  changes = {
    migrate = {
      metadata = merge(local.base["migrate"].metadata, { name = "roster-migrate-${substr(sha256(jsonencode([var.image, local.settings])), 0, 8)}" })
      spec = merge(local.base["migrate"].spec, { template = merge(local.migrate_pod, { spec = merge(local.migrate_pod.spec, {
        containers = [for c in local.migrate_pod.spec.containers : merge(c, { image = var.image })]
      }) }) })
    }
    backup = { spec = merge(local.base["backup"].spec, { jobTemplate = merge(local.backup_job, { spec = merge(local.backup_job.spec, {
      template = merge(local.backup_job.spec.template, { spec = merge(local.backup_job.spec.template.spec, {
        containers = [for c in local.backup_job.spec.template.spec.containers : merge(c, { image = var.image })]
      }) })
    }) }) }) }
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
        containers = [for c in local.base[name].spec.template.spec.containers : merge(c, { image = var.image })]
      })
    })
  }) } }

  changed = {
    for name, object in merge(local.base, { configmap = local.configmap }) :
    name => merge(object, lookup(local.changes, name, {}), lookup(local.workloads, name, {}))
  }

  objects = {
    for name, object in local.changed : name => merge(object, {
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
