graph [
  node [
    id 0
    label "alone &#38; <quiet>"
    size 3
  ]
  node [
    id 1
    label "a"
  ]
  node [
    id 2
    label "b"
  ]
  node [
    id 3
    label "&#252;"
  ]
  edge [
    source 1
    target 2
    weight 2.5
    since 1999
  ]
  edge [
    source 2
    target 3
    weight 0.25
  ]
  edge [
    source 3
    target 3
  ]
]
