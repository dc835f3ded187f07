int base(int x);
int base(int x)
{
    return x + x;
}
