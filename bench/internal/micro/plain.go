package micro

// plainMapTable is Go's own map, for one goroutine: what safety from others costs is the difference to it.
type plainMapTable struct{ m map[pair]*Data }

func newPlainMap() Table      { return plainMapTable{make(map[pair]*Data)} }
func bigPlainMap(n int) Table { return plainMapTable{make(map[pair]*Data, n)} }

func (t plainMapTable) load(parent *Parent) *Data { return t.m[pair{parent, id}] }

func (t plainMapTable) loadID(parent *Parent, id uint64) *Data { return t.m[pair{parent, id}] }

func (t plainMapTable) attach(parent *Parent) { t.m[pair{parent, id}] = newData() }

func (t plainMapTable) attachID(parent *Parent, id uint64) { t.m[pair{parent, id}] = newData() }

func (t plainMapTable) loadOrAttach(parent *Parent) *Data {
	data := t.m[pair{parent, id}]
	if data == nil {
		data = newData()
		t.m[pair{parent, id}] = data
	}
	return data
}

func (t plainMapTable) detach(parent *Parent) { delete(t.m, pair{parent, id}) }

func (t plainMapTable) Walk() (n int, sum uint64) {
	for _, data := range t.m {
		n, sum = n+1, sum+data.A
	}
	return n, sum
}

func (t plainMapTable) Clear()   { clear(t.m) }
func (t plainMapTable) Len() int { return len(t.m) }
func (t plainMapTable) Close()   {}
