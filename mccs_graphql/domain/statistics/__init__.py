"""The community in figures that can be published: nobody is recognised in them."""
