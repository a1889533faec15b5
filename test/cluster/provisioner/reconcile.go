package main

import (
	"context"
	"os"
	"path/filepath"

	core "k8s.io/api/core/v1"
	storage "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	listers "k8s.io/client-go/listers/core/v1"
)

const name = "agentjob.io/folder"

type provisioner struct {
	client       kubernetes.Interface
	claims       listers.PersistentVolumeClaimLister
	volumes      listers.PersistentVolumeLister
	folder, node string
}

func (p *provisioner) ensureStorageClass(ctx context.Context) error {
	yes := true
	_, err := p.client.StorageV1().StorageClasses().Create(ctx, &storage.StorageClass{
		ObjectMeta: meta.ObjectMeta{
			Name:        "folder",
			Annotations: map[string]string{"storageclass.kubernetes.io/is-default-class": "true"},
		},
		Provisioner:          name,
		AllowVolumeExpansion: &yes,
	}, meta.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (p *provisioner) reconcile(ctx context.Context, k key) error {
	var err error
	if k.kind == "claim" {
		var claim *core.PersistentVolumeClaim
		if claim, err = p.claims.PersistentVolumeClaims(k.namespace).Get(k.name); err == nil {
			err = p.reconcileClaim(ctx, claim)
		}
	} else {
		var volume *core.PersistentVolume
		if volume, err = p.volumes.Get(k.name); err == nil {
			err = p.reconcileVolume(ctx, volume)
		}
	}
	if errors.IsNotFound(err) {
		return nil
	}
	return err
}

// The controller manager annotates the claims of other provisioners and binds what they make.
func (p *provisioner) reconcileClaim(ctx context.Context, claim *core.PersistentVolumeClaim) error {
	if claim.Annotations["volume.kubernetes.io/storage-provisioner"] != name || claim.DeletionTimestamp != nil {
		return nil
	}
	if claim.Spec.VolumeName != "" {
		return p.grow(ctx, claim)
	}
	path := filepath.Join(p.folder, string(claim.UID))
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	_, err := p.client.CoreV1().PersistentVolumes().Create(ctx, p.volume(claim, path), meta.CreateOptions{})
	if errors.IsAlreadyExists(err) {
		return nil
	}
	return err
}

func (p *provisioner) volume(claim *core.PersistentVolumeClaim, path string) *core.PersistentVolume {
	here := core.NodeSelectorRequirement{Key: "kubernetes.io/hostname", Operator: "In", Values: []string{p.node}}
	return &core.PersistentVolume{
		ObjectMeta: meta.ObjectMeta{
			Name:        "pvc-" + string(claim.UID),
			Annotations: map[string]string{"pv.kubernetes.io/provisioned-by": name},
		},
		Spec: core.PersistentVolumeSpec{
			Capacity:                      claim.Spec.Resources.Requests,
			AccessModes:                   claim.Spec.AccessModes,
			StorageClassName:              *claim.Spec.StorageClassName,
			PersistentVolumeReclaimPolicy: core.PersistentVolumeReclaimDelete,
			ClaimRef: &core.ObjectReference{
				APIVersion: "v1", Kind: "PersistentVolumeClaim", Namespace: claim.Namespace, Name: claim.Name, UID: claim.UID,
			},
			PersistentVolumeSource: core.PersistentVolumeSource{Local: &core.LocalVolumeSource{Path: path}},
			NodeAffinity: &core.VolumeNodeAffinity{Required: &core.NodeSelector{
				NodeSelectorTerms: []core.NodeSelectorTerm{{MatchExpressions: []core.NodeSelectorRequirement{here}}},
			}},
		},
	}
}

func (p *provisioner) grow(ctx context.Context, claim *core.PersistentVolumeClaim) error {
	volume, err := p.volumes.Get(claim.Spec.VolumeName)
	if err != nil || claim.Status.Phase != core.ClaimBound {
		return err
	}
	wanted := claim.Spec.Resources.Requests[core.ResourceStorage]
	if wanted.Cmp(volume.Spec.Capacity[core.ResourceStorage]) > 0 {
		volume = volume.DeepCopy()
		volume.Spec.Capacity[core.ResourceStorage] = wanted
		if _, err := p.client.CoreV1().PersistentVolumes().Update(ctx, volume, meta.UpdateOptions{}); err != nil {
			return err
		}
	}
	if wanted.Cmp(claim.Status.Capacity[core.ResourceStorage]) > 0 {
		claim = claim.DeepCopy()
		claim.Status.Capacity[core.ResourceStorage] = wanted
		claim.Status.Conditions = nil
		_, err = p.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, meta.UpdateOptions{})
	}
	return err
}

func (p *provisioner) reconcileVolume(ctx context.Context, volume *core.PersistentVolume) error {
	ours := volume.Annotations["pv.kubernetes.io/provisioned-by"] == name
	if !ours || volume.Status.Phase != core.VolumeReleased || volume.Spec.Local == nil || volume.DeletionTimestamp != nil {
		return nil
	}
	if filepath.Dir(volume.Spec.Local.Path) != filepath.Clean(p.folder) {
		return nil // edited by hand: never remove what we did not make
	}
	if err := os.RemoveAll(volume.Spec.Local.Path); err != nil {
		return err
	}
	return p.client.CoreV1().PersistentVolumes().Delete(ctx, volume.Name, meta.DeleteOptions{})
}
