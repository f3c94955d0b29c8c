package shadow

import (
	"reflect"
	"time"

	"github.com/shadowvars/shadow/alloc"
	"github.com/shadowvars/shadow/internal/look"
	"github.com/shadowvars/shadow/lockfree"
)

// The debug page is a package of its own, which asks through internal/look.
func init() {
	look.ClassOf = func(space any, id uint64, samples, parts int) (look.Class, bool) {
		s := space.(*Space)
		classes := s.classes.Load().open
		c := classes[ID(id)]
		if c == nil {
			return look.Class{}, false
		}
		l := c.look()
		l.Memory = c.memory(parts)
		l.Rate, l.Ages = c.ages()
		for _, addr := range c.sample(min(samples, max(1, mostLookups/len(classes)))) {
			l.Parents = append(l.Parents, addr)
			l.IDs = append(l.IDs, countIDs(classes, addr))
		}
		return l, true
	}
	look.NameOf = func(space any) string { return space.(*Space).name }
	look.VariablesOf = func(space any, addr uintptr) []look.Variable {
		return space.(*Space).variablesAt(addr)
	}
}

// mostLookups bounds the lookups for one page.
const mostLookups = 1 << 17

func (c *class) look() look.Class {
	i := c.identity
	l := look.Class{
		Kind: [...]string{kindVar: "Var", kindAny: "Any", kindBytes: "Bytes"}[i.kind], Handles: c.handles.Load(),
		Destroys: c.destroy.Load() != nil, Formats: c.format.Load() != nil, Data: "[]byte",
	}
	if i.object != nil {
		l.Parent = i.object.String()
	}
	if i.data != nil {
		l.Data, l.DataSize = i.data.String(), i.data.Size()
	}
	return l
}

// memory sums up the class's chunks in at most so many parts of equal length.
func (c *class) memory(parts int) (all []look.Part) {
	g := c.enter()
	defer g.leave()
	held := g.e.slab.Stats().Held
	each := max(1, (held+parts-1)/parts)
	var p look.Part
	add := func() {
		if p != (look.Part{}) && len(all) < parts {
			all = append(all, p)
		}
		p = look.Part{}
	}
	g.e.slab.Occupancy(func(o alloc.Occupancy) bool {
		p.Live, p.Dead, p.Fresh = p.Live+o.Live, p.Dead+o.Dead, p.Fresh+o.Fresh
		if p.Live+p.Dead+p.Fresh >= each {
			add()
		}
		return true
	})
	add()
	return all
}

// ages counts the recorded variables by how long ago they were attached; rate is 0 if the class has no profile.
func (c *class) ages() (rate int, all []look.Age) {
	if c.profile == nil {
		return 0, nil
	}
	for _, below := range look.Ages {
		all = append(all, look.Age{Below: below})
	}
	now := time.Since(c.profile.began)
	c.recorded(func(m mark, _ pointer) {
		for i := range all {
			if below := all[i].Below; below == 0 || now-m.after() < below {
				all[i].Variables++
				return
			}
		}
	})
	return c.profile.rate, all
}

// sample is the addresses of at most n parents, evenly spread over the class's memory.
func (c *class) sample(n int) (addrs []uintptr) {
	g := c.enter()
	defer g.leave()
	step := max(1, g.e.slab.Len()/n)
	met := 0
	for index, p := range g.e.slab.Range {
		if met++; met%step != 0 {
			continue
		}
		if addr, present := c.confirm(g.e, index, p); present {
			addrs = append(addrs, addr)
		}
		if len(addrs) == n {
			break
		}
	}
	return addrs
}

// peek is get for an address to which nobody here points.
func (c *class) peek(addr uintptr) pointer {
	g := c.enter()
	defer g.leave()
	if w := c.table.Get(uint64(addr), g.e.number); w.State() == lockfree.Value {
		return c.at(g.e, g.d, w, addr)
	}
	return nil
}

// countIDs is how many of the classes have a variable at addr. Whether an object lives there is not known, and need not be: each look says what was
// there at that instant.
func countIDs(classes map[ID]*class, addr uintptr) (n int) {
	for _, c := range classes {
		if c.peek(addr) != nil {
			n++
		}
	}
	return n
}

// variablesAt is what is attached to the object at addr, which nobody here points to.
func (s *Space) variablesAt(addr uintptr) (all []look.Variable) {
	if uint64(addr) == noObject {
		return nil
	}
	for _, c := range s.classes.Load().open {
		p := c.peek(addr)
		if p == nil {
			continue
		}
		l := c.look()
		v := look.Variable{
			ID: uint64(c.identity.id), Name: *c.name.Load(), Lifetime: c.lifetime.String(), Type: c.identity.handleType(),
			Parent: l.Parent, Address: uintptr(p), Size: l.DataSize,
		}
		switch c.identity.kind {
		case kindAny:
			if t := typeOf(c.currentType(p)); t != nil {
				v.Parent = t.String()
			}
		case kindBytes:
			b := c.sizes.in(p)
			v.Address, v.Size = reflect.ValueOf(b).Pointer(), uintptr(len(b))
		}
		if f := c.format.Load(); f != nil {
			v.Format = func() string { return (*f)(p) }
		}
		all = append(all, v)
	}
	return all
}
