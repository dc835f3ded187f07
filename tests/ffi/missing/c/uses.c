int base(int x); /* of another library of the package */
int doubled(int x);
int doubled(int x)
{
    return base(x);
}
