//go:build !linux

package micro

func adviseHuge([]floorSlot) {}
