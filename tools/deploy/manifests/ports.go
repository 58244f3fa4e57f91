package main

import (
	"fmt"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// objects are the objects whose ports are checked.
type objects struct {
	deployments []*apps.Deployment
	policies    []*networking.NetworkPolicy
}

func (o *objects) add(object runtime.Object) {
	switch object := object.(type) {
	case *apps.Deployment:
		o.deployments = append(o.deployments, object)
	case *networking.NetworkPolicy:
		o.policies = append(o.policies, object)
	}
}

// checkPorts fails if a policy admits traffic to a port that no selected pod has, or
// selects a pod with a port that it does not admit.
func (o *objects) checkPorts() error {
	for _, policy := range o.policies {
		selected, err := o.selectedBy(policy)
		if err != nil {
			return err
		}
		admitted := admittedBy(policy)
		for _, port := range admitted {
			if !has(selected, port) {
				return fmt.Errorf("NetworkPolicy %s lets in at the port %s, which no pod has", policy.Name, port.String())
			}
		}
		for _, port := range selected {
			if !has([]core.ContainerPort{port}, admitted...) {
				return fmt.Errorf("NetworkPolicy %s does not admit port %s", policy.Name, port.Name)
			}
		}
	}
	return nil
}

// selectedBy returns the ports of the pods that a policy selects.
func (o *objects) selectedBy(policy *networking.NetworkPolicy) (ports []core.ContainerPort, err error) {
	selector, err := meta.LabelSelectorAsSelector(&policy.Spec.PodSelector)
	if err != nil {
		return nil, err
	}
	for _, deployment := range o.deployments {
		if !selector.Matches(labels.Set(deployment.Spec.Template.Labels)) {
			continue
		}
		for _, container := range deployment.Spec.Template.Spec.Containers {
			ports = append(ports, container.Ports...)
		}
	}
	return ports, nil
}

// admittedBy returns the ports that a policy admits.
func admittedBy(policy *networking.NetworkPolicy) (ports []intstr.IntOrString) {
	for _, rule := range policy.Spec.Ingress {
		for _, port := range rule.Ports {
			if port.Port != nil {
				ports = append(ports, *port.Port)
			}
		}
	}
	return ports
}

// has reports whether one of the ports is one of those, by its name or number.
func has(ports []core.ContainerPort, those ...intstr.IntOrString) bool {
	for _, port := range ports {
		for _, that := range those {
			if that.Type == intstr.String && that.StrVal == port.Name || that.Type == intstr.Int && that.IntVal == port.ContainerPort {
				return true
			}
		}
	}
	return false
}
